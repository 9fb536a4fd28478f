/* A live cell that shows its controls from the start: they stand in the place of the saved ones, and the first that
   is moved gets a kernel. */
import { Still } from "./live-still.js";
import { token } from "./live-token.js";
import { touched } from "./live-words.js";

const TRIES = 60; // to fetch the state at rest while the notebook warms up
// What a reader does in a figure, by whatever means: a click that assistive technology makes, too.
const ACTS = ["pointerdown", "pointerup", "pointercancel", "keydown", "click", "input", "change", "paste", "drop"];

const asked = new Map(); // notebook -> its state, on the way while the module that reads it is

/** Ask for a notebook's state at rest once for all its cells; gives nothing to who comes later. */
function ask(notebook) {
  if (asked.has(notebook)) return undefined;
  const answer = fetch(`/live/rest/${notebook}`, { cache: "no-cache" });
  answer.catch(() => {}); // whoever reads it is told
  asked.set(notebook, answer);
  return answer;
}

export class Touched {
  #cell;
  #bar;
  #views;
  #post = null;
  #still;
  #near = false;

  constructor(cell, bar) {
    this.#cell = cell;
    this.#bar = bar;
    this.#views = [...cell.querySelectorAll(".live-stage .live-view")];
    this.#say("rest", "coming");
    this.#still = new Still(cell, () => cell.dataset.why === "coming" && this.#say("rest", "awaited"));
  }

  /** Say whether a cell has places for widgets, and this browser what they need. */
  static fits(cell) {
    return cell.querySelector(".live-stage .live-view") !== null && "adoptedStyleSheets" in document
      && "WebSocket" in window;
  }

  /** Show the controls. Gives false where this can't, for good. */
  async show() {
    this.#post = await this.#opened();
    if (!this.#post || !await this.#post.show(this.#cell.getAttribute("cell"), this.#views)) {
      this.#still.end();
      return false;
    }
    const stage = this.#cell.querySelector(".live-stage");
    for (const act of ACTS) {
      stage.addEventListener(act, event => {
        if (!event.isTrusted) return;
        this.#post.touched(act === "pointerdown");
        if (act === "pointerdown") this.#release();
      }, { capture: true, passive: true });
    }
    this.#bar.onpress = () => this.#press();
    this.#post.listen(now => this.#hear(now));
    if (this.#near) this.#post.near();
    this.#still.end();
    return true;
  }

  /** A finger or a button is down until it is up, wherever that is. */
  #release() {
    const over = new AbortController();
    const up = () => {
      over.abort();
      this.#post.touched();
    };
    for (const end of ["pointerup", "pointercancel", "blur"]) {
      addEventListener(end, up, { capture: true, passive: true, signal: over.signal });
    }
  }

  /** A reader comes near: what the first touch needs is made ready. */
  near() {
    this.#near = true;
    this.#post?.near();
  }

  /** Fetch what is shown; gives nothing where there is no state at rest, or a browser that is too old. */
  async #opened() {
    const notebook = this.#cell.getAttribute("notebook");
    for (let tries = 0, first = ask(notebook); tries < TRIES; tries += 1, first = undefined) {
      const live = await import("../live/live.js").catch(error => error);
      // A browser that can't read it, or a site that was made without it.
      if (live instanceof Error && !(live instanceof TypeError)) return null;
      // A browser doesn't fetch a module again that it could not fetch once.
      if (live instanceof Error) return this.#failed(hasRun(live) ? "broken" : "module", live);
      try {
        return await live.open(notebook, token, first);
      } catch (error) {
        if (error.status === 404) return null;
        if (error.status === 503) {
          this.#say("rest", "warming");
          await new Promise(resolve => setTimeout(resolve, error.retry * 1000));
        } else if (error.status === undefined) {
          return this.#failed("broken", error);
        } else {
          await this.#offline();
        }
      }
    }
    return null;
  }

  /** Say what failed for as long as this page is shown. */
  #failed(why, error) {
    if (why === "broken") console.error("The front end of live cells has failed:", error);
    this.#bar.onpress = () => location.reload();
    this.#say("failed", why);
    return new Promise(() => {});
  }

  /** Say that nothing can be reached, and wait until the reader wants it tried again, or the network is back. */
  async #offline() {
    this.#say("offline", "");
    await new Promise(resolve => {
      this.#bar.onpress = resolve;
      addEventListener("online", resolve, { once: true });
    });
    this.#say("rest", "coming");
  }

  #press() {
    if (["changed", "misunderstood"].includes(this.#cell.dataset.why)) location.reload();
    else if (["starting", "live", "queued"].includes(this.#cell.dataset.state)) this.#post.end();
    else this.#post.start();
  }

  #hear({ state, why, message }) {
    this.#bar.count(this.#post.runs, this.#post.took);
    this.#say(state, why, message);
  }

  #say(state, why, message) {
    this.#cell.dataset.why = why;
    this.#bar.to(state, ...touched(state, why, message, this.#post?.isPartial));
  }
}

/** Both a module that doesn't come and one that makes a mistake reject with a TypeError; the mistake was made at a
    line of it. */
const hasRun = ({ stack = "" }) => /\/live(?:\.\w+)?\.js[^\s/]*:\d+:\d+/.test(stack);
