/* Tokens for the start of a session, asked for when a reader comes near, so that the start need not wait. */

const FRESH = 45_000; // ms; the server takes them for a minute

export class Tokens {
  #ask;
  #kept = null; // {token, since}

  constructor(ask) { this.#ask = ask; }

  /** Have one ready. */
  prepare() {
    if (this.#kept && performance.now() - this.#kept.since < FRESH) return;
    const kept = { token: this.#ask(), since: performance.now() };
    kept.token.catch(() => this.#kept === kept && (this.#kept = null));
    this.#kept = kept;
  }

  /** Give a promise of one that nobody else was given. */
  take() {
    this.prepare();
    const { token } = this.#kept;
    this.#kept = null;
    return token;
  }
}
