/* Messages that wait: for a line, or for the answer to the last one of the same widget. A later value of a key
   takes the place of an earlier one, so that a slider which was drawn while its kernel started sends its last
   value and no other. */
import { apart, together } from "./values.js";

export class Outbox {
  #waiting = [];

  get isEmpty() { return this.#waiting.length === 0; }

  /** Add a message; gives the id under which it will go, that of an earlier one where it was added to that. */
  add(message) {
    const earlier = isUpdate(message) && this.#mergeable(message.content.comm_id);
    if (!earlier) {
      this.#waiting.push(message);
      return message.id;
    }
    const values = apart(earlier.content.data, earlier.buffers);
    for (const [key, value] of apart(message.content.data, message.buffers)) values.set(key, value);
    const { data, buffers } = together(values);
    earlier.content = { ...earlier.content, data };
    earlier.buffers = buffers;
    return earlier.id;
  }

  /** Take what waits, in its order: all of it, or that of one widget. */
  take(widget) {
    const taken = widget === undefined ? this.#waiting
      : this.#waiting.filter(({ content }) => content.comm_id === widget);
    this.#waiting = this.#waiting.filter(message => !taken.includes(message));
    return taken;
  }

  // What was pressed between two changes is to find the first of them.
  #mergeable(widget) {
    for (const message of [...this.#waiting].reverse()) {
      if (!isUpdate(message)) return null;
      if (message.content.comm_id === widget) return message;
    }
    return null;
  }
}

export const isUpdate = ({ type, content }) => type === "comm_msg" && content.data?.method === "update";
