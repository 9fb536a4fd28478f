/* What a reader has set, so that a kernel that starts later can be told: the newest value of each key, in the
   order of the last changes. What widgets say besides values can't be told twice; that it was said is kept. */
import { apart, together } from "./values.js";

const MOST_OPENING = 64; // messages

export class Replay {
  #values = new Map(); // widget -> key -> value
  #opening = []; // what views said while they were built: each kernel is at rest when it starts, and is told it
  #lost = false;
  #never = new Set();

  /** What this widget says of itself isn't the reader's: an Output tells what the kernel has drawn. */
  never(widget) {
    this.#never.add(widget);
    this.#values.delete(widget);
  }

  /** Keep what an update says. */
  note(widget, data, buffers) {
    if (this.#never.has(widget)) return;
    const values = this.#values.get(widget) ?? new Map();
    for (const [key, value] of apart(data, buffers)) values.set(key, value);
    this.#values.delete(widget);
    this.#values.set(widget, values);
  }

  /** A message that isn't an update was said, by a reader's act or, `opening`, by a view when it was built. */
  said(message, opening) {
    if (!opening) this.#lost = true;
    else if (this.#opening.length < MOST_OPENING) this.#opening.push(message);
  }

  /** Something was done that can't be told to another kernel. */
  get isPartial() { return this.#lost; }

  /** What is done from now on is done to another kernel. */
  begun() { this.#lost = false; }

  forget(widget) { this.#values.delete(widget); }

  /** Say whether the reader has set a key. */
  has(widget, key) { return this.#values.get(widget)?.has(key) ?? false; }

  get opening() { return [...this.#opening]; }

  /** Give `[widget, {data, buffers}]` for each widget: all that was set, the last change last. */
  updates() {
    return [...this.#values].map(([widget, values]) => [widget, together(values)]);
  }

  /** Give the newest values of some of a widget's keys. */
  newest(widget, keys) {
    const values = this.#values.get(widget) ?? new Map();
    return together(new Map([...values].filter(([key]) => keys.includes(key))));
  }
}
