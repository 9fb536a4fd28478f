/* A reader's session: one kernel for all live cells of a page, from a gesture until it ends. It holds the line,
   what waits for it, and who waits for an answer; what the messages mean is the manager's to know. */
import { Door } from "./door.js";
import { isUpdate, Outbox } from "./outbox.js";
import { Replay } from "./replay.js";
import { apart, together } from "./values.js";
import { Watch } from "./watch.js";
import { decode, encode, IDLE, unique } from "./wire.js";

const GRACE = 30_000; // ms in which a dropped line is tried again; the server keeps the kernel for 35 s
const PAUSES = [100, 300, 1000, 2000, 4000]; // ms between two tries
const PATIENCE = 5 * 60_000; // ms in the line
const HAND = 1000; // ms after a gesture in which what a widget says is the reader's doing
const GONE = 4001;
const BAD_MESSAGE = 4002;

/** Calls `heard(message)` with each message of the kernel's, one after the other; `restarted(partial)` before a
    later kernel is told what was set, `partial` where it can't know all; `changed()` when the notebook has changed,
    to fetch the state at rest anew: it gives its generation, or nothing where the page can't take it over;
    `working(is)` when the kernel takes a moment, and when it is done; and `told(state, why, message)` with how things stand, `why` being a word of site/blog/static/js/live-words.js. */
export class Session {
  generation = "";
  state = "rest";
  replay = new Replay();
  isPartial = false; // a kernel has ended in which more was done than setting values
  building = 0; // views that are being made: what they say now is said to each new kernel

  #door;
  #world;
  #on;
  #outbox = new Outbox();
  #asked = new Map(); // id -> {message, callbacks, at} that the kernel has not been idle after
  #heard = Promise.resolve(); // messages are handled one after the other: an Output depends on their order
  #socket = null;
  #kernel = null;
  #attempt = null; // AbortController of what is being tried
  #gesture = -Infinity;
  #held = false;
  #since = 0;
  #forks = 0;
  #before = []; // what had been set before the change that a kernel is got for
  #watch;

  constructor(notebook, world, on) {
    this.#door = new Door(notebook, world);
    this.#world = world;
    this.#on = on;
    this.#watch = new Watch(world, {
      slow: is => this.state === "live" && this.#on.working(is),
      silent: () => this.#look(),
    });
  }

  /** The reader has done something in a figure; `held` while a finger or a button stays down. */
  touched(held = false) {
    this.#gesture = this.#world.now();
    this.#held = held;
  }

  get name() { return this.#door.name; }

  get #byHand() { return this.#held || this.#world.now() - this.#gesture < HAND; }

  /** Send a message to the kernel, now or once there is one; only what follows a gesture starts a session.
      Gives the message's id. */
  send(type, content, { callbacks, metadata, buffers = [] } = {}) {
    const message = { id: unique(), type, content, metadata, buffers };
    const update = isUpdate(message);
    const before = this.#isOver ? this.replay.updates() : [];
    if (update) this.replay.note(content.comm_id, content.data, buffers);
    else if (content.data?.method === "custom" && (this.building || !this.#isOver || this.#byHand)) {
      this.replay.said(message, this.building > 0);
    }
    if (this.state === "live" && !(update && this.#isBusy(content.comm_id))) {
      // A press is to find the values that were set before it.
      if (!update) this.#outbox.take().forEach(one => this.#write(one));
      this.#write(message, callbacks);
      return message.id;
    }
    // Whoever waits for a kernel mustn't be kept from saying what comes next: it is gathered here.
    queueMicrotask(() => callbacks?.iopub?.status?.(IDLE));
    if (this.#isOver) {
      if (!this.#byHand || this.building) return message.id;
      this.start(before);
    }
    return this.#outbox.add(message);
  }

  get #isOver() { return ["rest", "ended", "failed", "offline"].includes(this.state); }

  /** What was sent without callbacks (it had waited) is still being worked on. */
  #isBusy(widget) {
    for (const { message, callbacks } of this.#asked.values()) {
      if (!callbacks && message.content.comm_id === widget) return true;
    }
    return false;
  }

  /** Get a kernel; called by the reader's own change or button. */
  start(before = this.replay.updates()) {
    if (!this.#isOver) return;
    this.#before = before;
    if (!this.#world.online()) return this.#to("offline", "offline");
    this.#since = this.#world.now();
    this.#to("starting");
    this.#try();
  }

  /** Give up the line, or end the kernel; what was set is kept. */
  end() {
    if (this.#kernel) this.#door.end(this.#kernel);
    const left = this.state === "queued" ? "left" : "";
    this.#close();
    this.#resting(left || (this.#forks ? "byReader" : ""));
  }

  /** Give the milliseconds since a message was sent that the kernel is at work on. */
  since(id) { return this.#world.now() - this.#asked.get(id)?.at; }

  /** The network is back: what failed for want of it may be tried again. */
  online() {
    if (this.state === "offline") this.#resting("online");
  }

  /** There is no kernel, and nothing is on the way to one. */
  #resting(why) { this.#to(this.#forks ? "ended" : "rest", why); }

  /** The network has gone, so the line has too, whatever the browser believes. */
  drop() {
    if (this.state === "live") this.#dropped();
  }

  async #try() {
    const { signal } = this.#attempt = new AbortController();
    const word = await this.#door.knock(this.generation, signal);
    if (signal.aborted) {
      if (word.kernel) this.#door.end(word.kernel);
      return word.socket?.close();
    }
    switch (word.state) {
      case "live":
        this.#kernel = word.kernel;
        return this.#live(word.socket, true);
      case "queued": return this.#wait(word, signal);
      case "changed": return this.#renew(signal);
      case "offline": return this.#fail("offline", "offline");
      default: return this.#fail("failed", word.state === "failed" ? "refused" : word.state, word.message);
    }
  }

  #wait({ message, reason, place, retry }, signal) {
    const warming = reason === "warming"; // there is nobody to wait behind
    if (this.#world.now() - this.#since > PATIENCE) return this.#fail("failed", warming ? "unready" : "patience");
    if (warming) this.#to("starting", "preparing");
    else this.#to("queued", place ? "inLine" : "again", message);
    const forget = this.#world.later(() => this.#try(), retry * 1000);
    signal.addEventListener("abort", forget);
  }

  async #renew(signal) {
    const generation = await this.#on.changed().catch(() => null);
    if (signal.aborted) return;
    if (!generation || generation === this.generation) return this.#fail("failed", "changed");
    this.generation = generation;
    this.#try();
  }

  #fail(state, why, message) {
    this.#close();
    this.#to(state, why, message);
  }

  #live(socket, fresh) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      if (code === GONE) this.#over();
      else if (code === BAD_MESSAGE) this.#misunderstood();
      else this.#dropped();
    };
    const waiting = this.#outbox.take();
    const again = fresh && this.#forks > 0;
    const partial = this.isPartial;
    // Before anything that this kernel says.
    if (again) this.#heard = this.#heard.then(() => this.#on.restarted(partial)).catch(console.error);
    this.#to("live", again ? (partial ? "partly" : "restored") : "");
    const first = fresh ? this.#first(waiting) : waiting;
    for (const message of first) this.#write(message);
    // Who has said nothing on a line is taken for gone where it drops.
    if (!fresh || !first.length) this.#mark();
    if (!fresh) return;
    this.#forks += 1;
    this.isPartial = false;
  }

  /** The server doesn't understand the page, and wouldn't next time. */
  #misunderstood() {
    this.#door.end(this.#kernel);
    this.#fail("failed", "misunderstood");
  }

  /** What a new kernel is told: what views say at first, what had been set, then what was done meanwhile, in its
      order. What waits to be set and comes before any press takes along what had been set of the same widget. */
  #first(waiting) {
    const press = waiting.findIndex(message => !isUpdate(message));
    const early = new Map(waiting.slice(0, press < 0 ? undefined : press).map(one => [one.content.comm_id, one]));
    const set = [];
    for (const [widget, { data, buffers }] of this.#before) {
      const one = early.get(widget) ?? { id: unique(), type: "comm_msg", content: { comm_id: widget }, buffers: [] };
      const newer = one.content.data ? apart(one.content.data, one.buffers) : [];
      const values = together(new Map([...apart(data, buffers), ...newer]));
      Object.assign(one, { content: { comm_id: widget, data: values.data }, buffers: values.buffers });
      if (!early.has(widget)) set.push(one);
    }
    const opening = this.replay.opening.map(message => ({ ...message, id: unique() }));
    return [...opening, ...set, ...waiting];
  }

  /** Back on a line that had dropped: once the kernel has answered this, what it has not answered before was lost
      on the way. Values are sent again; a press isn't, for it may have arrived, and would be doubled. */
  #mark() {
    const before = [...this.#asked.keys()];
    const lost = () => {
      for (const id of before.filter(one => this.#asked.has(one))) {
        const { message } = this.#asked.get(id);
        const { comm_id: widget, data } = message.content;
        if (isUpdate(message)) {
          const keys = Object.keys(data.state).concat((data.buffer_paths ?? []).map(([key]) => key));
          const newest = this.replay.newest(widget, keys);
          const content = { comm_id: widget, data: newest.data };
          this.#write({ id: unique(), type: "comm_msg", content, buffers: newest.buffers });
        } else if (message.type === "comm_msg") {
          this.#to("live", "unsure");
        }
        this.#answered(id);
      }
    };
    this.#write({ id: unique(), type: "kernel_info_request", content: {} }, { iopub: { status: lost } });
  }

  #write(message, callbacks) {
    this.#asked.set(message.id, { message, callbacks, at: this.#world.now() });
    this.#watch.due();
    this.#socket.send(encode(this.#door.name, message));
  }

  #receive(data) {
    let message;
    try {
      message = decode(data);
    } catch (error) {
      return console.error("A message that can't be read:", error);
    }
    if (this.#asked.size) this.#watch.due();
    if (message.channel !== "iopub") return;
    const socket = this.#socket;
    this.#heard = this.#heard.then(async () => {
      const { msg_type: type } = message.header;
      const state = message.content.execution_state;
      if (type === "status" && (state === "dead" || state === "restarting")) {
        return this.#socket === socket && this.#over();
      }
      await this.#on.heard(message);
      if (type === "status" && state === "idle") this.#answered(message.parent_header.msg_id, message);
    }).catch(error => console.error("A message that can't be handled:", error));
  }

  /** The kernel is done with a message: who waits may go on, and what waited behind it is sent. */
  #answered(id, message = IDLE) {
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    if (!this.#asked.size) this.#watch.over();
    asked.callbacks?.iopub?.status?.(message);
    const widget = asked.message.content.comm_id;
    if (this.state === "live" && widget && !this.#isBusy(widget)) {
      this.#outbox.take(widget).forEach(one => this.#write(one));
    }
  }

  /** Nothing has come for long: is it the kernel that thinks, or is nobody there? */
  async #look() {
    const socket = this.#socket;
    const { there, gone } = await this.#door.fate(this.#kernel);
    if (this.#socket !== socket || this.state !== "live") return;
    if (gone) this.#over();
    else if (!there) this.#dropped();
    else if (this.#asked.size) this.#watch.due();
  }

  async #dropped() {
    this.#leave();
    const { signal } = this.#attempt = new AbortController();
    const kernel = this.#kernel;
    this.#to("starting", "line");
    const until = this.#world.now() + GRACE;
    for (let tries = 0; this.#world.now() < until; tries += 1) {
      const socket = await this.#door.back(kernel, signal);
      if (signal.aborted) return socket?.close();
      if (socket) return this.#live(socket, false);
      const { gone, message } = await this.#door.fate(kernel);
      if (signal.aborted) return;
      if (gone) return this.#fail("ended", "gone", message);
      await new Promise(resolve => this.#world.later(resolve, PAUSES[Math.min(tries, PAUSES.length - 1)]));
      if (signal.aborted) return;
    }
    this.#fail(this.#world.online() ? "ended" : "offline", "lost");
  }

  /** The kernel has gone: the server knows why. */
  async #over() {
    const kernel = this.#kernel;
    this.#leave();
    const { signal } = this.#attempt = new AbortController();
    const { message } = await this.#door.fate(kernel);
    if (!signal.aborted) this.#fail("ended", "gone", message);
  }

  /** Let go of the line, and of nothing else. */
  #leave() {
    this.#watch.over();
    this.#attempt?.abort();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    if (this.state === "live") this.state = "starting"; // nothing may be written any more
  }

  #close() {
    this.#leave();
    if (this.#kernel) this.isPartial ||= this.replay.isPartial;
    this.replay.begun();
    this.#kernel = null;
    // What was set is in the replay; what was pressed for a kernel that never came is not pressed later, unseen.
    this.#outbox.take();
    const waiting = [...this.#asked.values()];
    this.#asked.clear();
    this.state = "ended"; // who is set free now may speak at once, and doesn't start anything by it
    this.#gesture = -Infinity;
    this.#held = false;
    for (const { callbacks } of waiting) callbacks?.iopub?.status?.(IDLE);
  }

  #to(state, why = "", message = "") {
    this.state = state;
    this.#on.told(state, why, message);
  }
}
