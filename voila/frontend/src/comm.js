/* What a widget's model asks of a comm: there from the start, without a kernel behind it. */
import { IDLE, unique } from "./wire.js";

/** The session of a widget that a page has made itself, as bqplot's toolbar does: no kernel knows it, so nothing is
    sent, and nobody is kept waiting for an answer. */
export const NOBODY = {
  send(type, content, { callbacks } = {}) {
    queueMicrotask(() => callbacks?.iopub?.status?.(IDLE));
    return unique();
  },
};

export class Comm {
  #session;
  #taken = null;
  #closed = null;

  constructor(session, id, target) {
    this.#session = session;
    this.comm_id = id;
    this.target_name = target;
  }

  on_msg(take) { this.#taken = take; }

  on_close(close) { this.#closed = close; }

  /** Hand the model a message of the kernel's. */
  take(message) { return this.#taken?.(message); }

  gone(message) { return this.#closed?.(message); }

  open(data, callbacks, metadata, buffers) {
    const { comm_id, target_name } = this;
    return this.#session.send("comm_open", { comm_id, target_name, data }, { callbacks, metadata, buffers });
  }

  send(data, callbacks, metadata, buffers) {
    return this.#session.send("comm_msg", { comm_id: this.comm_id, data }, { callbacks, metadata, buffers });
  }

  // The kernel's widgets are its own to close.
  close() { return ""; }
}
