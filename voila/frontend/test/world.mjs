/* A world for sessions: sockets that the test plays the server of, a clock that it moves. */
import { decode, join } from "../src/wire.js";
import { Session } from "../src/session.js";

const text = value => new TextEncoder().encode(value);

class Socket {
  sent = [];
  closed = false;

  constructor(url) { this.url = new URL(url, "ws://here"); }

  send(frame) {
    if (this.closed) throw new Error("sent on a closed line");
    this.sent.push(decode(frame.buffer.slice(frame.byteOffset, frame.byteOffset + frame.byteLength)));
  }

  close() { this.closed = true; }

  /* What the server does. */
  opens() { this.onopen?.({}); }
  says(word) { this.onmessage?.({ data: JSON.stringify(word) }); }
  drops(code = 1006) {
    this.closed = true;
    this.onclose?.({ code });
  }
  message(type, content, parent = {}, buffers = []) {
    const parts = ["iopub", JSON.stringify({ msg_type: type }), JSON.stringify(parent), "{}", JSON.stringify(content)].map(text);
    this.onmessage?.({ data: join([...parts, ...buffers]).buffer });
  }
  idle(id) { this.message("status", { execution_state: "idle" }, { msg_id: id }); }
}

export class World {
  sockets = [];
  asked = [];
  left = [];
  told = [];
  heard = [];
  restarts = [];
  workings = [];
  time = 0;
  timers = [];
  isOnline = true;
  fates = {}; // kernel -> [status, body]
  tokens = 0;
  refusal = null;
  next = null; // what changed() gives

  constructor() {
    const world = this;
    this.session = new Session("posts/ring", {
      token: async () => {
        if (world.refusal) throw world.refusal;
        return `token-${++world.tokens}`;
      },
      socket: url => {
        const socket = new Socket(url);
        world.sockets.push(socket);
        return socket;
      },
      ask: async url => {
        world.asked.push(url);
        const [status, body] = world.fates[url.split("/").at(-1)] ?? [200, {}];
        return { ok: status === 200, status, json: async () => body };
      },
      leave: url => world.left.push(url),
      now: () => world.time,
      online: () => world.isOnline,
      later: (run, delay) => {
        const timer = { run, at: world.time + delay };
        world.timers.push(timer);
        return () => { world.timers = world.timers.filter(one => one !== timer); };
      },
    }, {
      heard: async message => world.heard.push(message),
      restarted: partial => world.restarts.push(partial),
      changed: async () => world.next,
      working: is => world.workings.push(is),
      told: (state, why, message) => world.told.push([state, why, message]),
    });
    this.session.generation = "g1";
  }

  get socket() { return this.sockets.at(-1); }

  get states() { return this.told.map(([state]) => state); }

  /** Let everything happen that doesn't wait for the clock or the server. */
  async settle() {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  }

  async pass(time) {
    const until = this.time + time;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter(one => one !== due);
      this.time = Math.max(this.time, due.at);
      due.run();
      await this.settle();
    }
    this.time = until;
  }

  set(widget, state, callbacks) {
    return this.session.send("comm_msg", { comm_id: widget, data: { method: "update", state, buffer_paths: [] } }, { callbacks });
  }

  press(widget, content = { event: "click" }) {
    return this.session.send("comm_msg", { comm_id: widget, data: { method: "custom", content } });
  }

  /** The reader moves a control, and gets a kernel. */
  async live(kernel = "k1", state = { value: 1 }) {
    this.session.touched();
    this.set("slider", state);
    await this.settle();
    this.socket.says({ state: "live", kernel });
    await this.settle();
  }
}

export const said = socket => socket.sent.map(({ header, content }) => (
  header.msg_type === "comm_msg" ? [content.comm_id, content.data.state ?? content.data.content] : header.msg_type));

/** Count how often a status was told. */
export function callbacks() {
  const made = { count: 0, iopub: { status: () => { made.count += 1; } } };
  return made;
}
