/* How long the kernel has been at work without a word: after a moment the reader is told that it is, and a line on
   which nothing has come for long is looked at. A browser notices by itself when a socket closes, and not when the
   other end has vanished: a laptop that wakes up in another network waits for minutes. */
const SLOW = 1000; // ms
const SILENT = 12_000; // ms; the server pings every ten seconds, which a page doesn't see

export class Watch {
  #world;
  #on;
  #slow = null; // what stops each timer
  #silent = null;
  #isSlow = false;

  /** Calls `slow(true)` when an answer takes a moment, `slow(false)` when all has been answered then, and `silent()`
      when nothing has come for long. */
  constructor(world, on) {
    this.#world = world;
    this.#on = on;
  }

  /** Something has been asked, or has been heard while an answer is due. */
  due() {
    this.#slow ??= this.#world.later(() => {
      this.#isSlow = true;
      this.#on.slow(true);
    }, SLOW);
    this.#silent?.();
    this.#silent = this.#world.later(() => {
      this.#silent = null;
      this.#on.silent();
    }, SILENT);
  }

  /** Nothing is due any more. */
  over() {
    this.#slow?.();
    this.#silent?.();
    this.#slow = this.#silent = null;
    if (this.#isSlow) this.#on.slow(false);
    this.#isSlow = false;
  }
}
