import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, json, join, split } from "../src/wire.js";

const text = value => new TextEncoder().encode(value);

test("parts come back as they were put in, empty ones too", () => {
  const parts = split(join([text("a"), text(""), text("länger")]).buffer);
  assert.deepEqual(parts.map(part => new TextDecoder().decode(part)), ["a", "", "länger"]);
});

test("a frame is what the server writes: count, offsets, end, all of 8 bytes", () => {
  const view = new DataView(join([text("ab"), text("c")]).buffer);
  const numbers = [0, 8, 16, 24].map(place => Number(view.getBigUint64(place, true)));
  assert.deepEqual(numbers, [3, 32, 34, 35]);
});

test("what is cut off or out of order is refused", () => {
  const whole = join([text("ab"), text("cd")]);
  assert.throws(() => split(whole.buffer.slice(0, -1)), RangeError);
  assert.throws(() => split(whole.buffer.slice(0, 12)), RangeError);
  assert.throws(() => split(new ArrayBuffer(0)), RangeError);
  const wrong = whole.slice();
  new DataView(wrong.buffer).setBigUint64(16, 33n, true);
  new DataView(wrong.buffer).setBigUint64(8, 34n, true);
  assert.throws(() => split(wrong.buffer), RangeError);
  new DataView(wrong.buffer).setBigUint64(0, 2n ** 40n, true);
  assert.throws(() => split(wrong.buffer), RangeError);
});

test("a message is encoded for the shell and decoded with buffers of their own", () => {
  const frame = encode("page", { id: "1", type: "comm_msg", content: { a: [1] }, buffers: [new DataView(new ArrayBuffer(4), 1, 2)] });
  const parts = split(frame.buffer);
  assert.equal(new TextDecoder().decode(parts[0]), "shell");
  assert.equal(json(parts[1]).session, "page");
  const message = decode(frame.buffer);
  assert.deepEqual(message.content, { a: [1] });
  assert.equal(message.buffers[0].buffer.byteLength, 2);
});
