/* Frames: how several parts travel as one piece of binary data, over a kernel's websocket
   (v1.kernel.websocket.jupyter.org) and in the file of the state at rest. A count, so many offsets, then the
   parts; all numbers of 8 bytes, little-endian. */

const WORD = 8;
const MOST = 100_000; // offsets; a file at rest has one for each binary value

const writer = new TextEncoder();
const reader = new TextDecoder();

export const PROTOCOL = "v1.kernel.websocket.jupyter.org";

/** What a kernel says when it is done with a message, for who waits where no kernel is asked. */
export const IDLE = { header: { msg_type: "status" }, content: { execution_state: "idle" } };

/** Give the parts of a frame as views into it; throws RangeError for what isn't one. */
export function split(buffer) {
  const view = new DataView(buffer);
  const number = place => {
    const value = Number(view.getBigUint64(WORD * place, true));
    if (value > buffer.byteLength && place > 0) throw new RangeError("a frame that is cut off");
    return value;
  };
  const count = number(0);
  if (count < 1 || count > MOST || WORD * (count + 1) > buffer.byteLength) throw new RangeError("not a frame");
  const parts = [];
  for (let place = 1; place < count; place += 1) {
    const [start, end] = [number(place), number(place + 1)];
    if (end < start) throw new RangeError("not a frame");
    parts.push(new Uint8Array(buffer, start, end - start));
  }
  return parts;
}

/** Put parts into one frame. */
export function join(parts) {
  const head = WORD * (parts.length + 2);
  const frame = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, head));
  const view = new DataView(frame.buffer);
  view.setBigUint64(0, BigInt(parts.length + 1), true);
  let at = head;
  parts.forEach((part, place) => {
    view.setBigUint64(WORD * (place + 1), BigInt(at), true);
    frame.set(part, at);
    at += part.byteLength;
  });
  view.setBigUint64(WORD * (parts.length + 1), BigInt(at), true);
  return frame;
}

export const json = part => JSON.parse(reader.decode(part));

/** Give a binary value an ArrayBuffer of its own: some widgets read `.buffer` and look at nothing else. */
export const owned = part => new DataView(part.slice().buffer);

/** Read a message of a kernel. */
export function decode(buffer) {
  const [channel, header, parent, metadata, content, ...buffers] = split(buffer);
  return {
    channel: reader.decode(channel),
    header: json(header),
    parent_header: json(parent),
    metadata: json(metadata),
    content: json(content),
    buffers: buffers.map(owned),
  };
}

/** Write a message for a kernel's shell. */
export function encode(session, { id, type, content, metadata = {}, buffers = [] }) {
  const header = { msg_id: id, msg_type: type, session, username: "", date: new Date().toISOString(), version: "5.3" };
  const texts = ["shell", ...[header, {}, metadata, content].map(part => JSON.stringify(part))];
  return join([...texts.map(text => writer.encode(text)), ...buffers.map(bytes)]);
}

/** Give the bytes of an ArrayBuffer or of a view. */
export function bytes(value) {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}

/** Give a name that nobody else has. */
export function unique() {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, one => one.toString(16).padStart(2, "0")).join("");
}
