/* A live cell that starts by its button: its saved picture becomes live, in its place, in a frame with a kernel of
   the reader's own. So it is where there are no widgets to show at rest, or none that this page can show. */
import { LiveFrame } from "./live-frame.js";
import { pressed } from "./live-words.js";

const PATIENCE = 5 * 60_000; // ms in the line
const CALM = 260; // ms, as the site's stylesheet has it

export class Pressed {
  #cell;
  #bar;
  #stage;
  #shown = null; // the frame in the picture's place, live or ended
  #next = null; // the frame that starts
  #again = 0; // the timer in the line
  #since = 0; // when the reader pressed, by the page's clock

  constructor(cell, bar) {
    this.#cell = cell;
    this.#bar = bar;
    this.#stage = cell.querySelector(".live-stage");
    bar.onpress = () => this.#press();
    addEventListener("online", () => this.#state === "offline" && this.#to(this.#shown ? "ended" : "rest"));
    this.#to("rest");
  }

  get #state() { return this.#cell.dataset.state; }

  #to(state, message) {
    this.#bar.to(state === "preparing" ? "starting" : state, ...pressed(state, message));
  }

  #press() {
    if (["starting", "queued"].includes(this.#state)) return this.#back();
    if (this.#state === "live") {
      this.#shown.remove();
      this.#shown = null;
      return this.#back();
    }
    this.#since = performance.now();
    if (navigator.onLine === false) return this.#to("offline");
    this.#to("starting");
    this.#start();
  }

  /** Give up what has been begun: back to the picture that is there. */
  #back() {
    this.#drop();
    if (this.#shown) return this.#to("ended");
    this.#change(() => this.#saved(true));
    this.#bar.count(0);
    this.#to("rest");
  }

  #drop() {
    clearTimeout(this.#again);
    this.#next?.remove();
    this.#next = null;
  }

  #start() {
    this.#drop();
    // A low picture keeps its height while the frame waits behind it.
    if (this.#stage.offsetHeight) this.#stage.style.minHeight = `${this.#stage.offsetHeight}px`;
    const cell = this.#cell.getAttribute("cell");
    const action = `/live/render/${this.#cell.getAttribute("notebook")}${cell ? `?cell=${encodeURIComponent(cell)}` : ""}`;
    const frame = new LiveFrame(this.#stage, action, `Live ${this.#bar.figure}`, (state, data) => {
      if (frame === this.#next) this.#starting(state, data);
      else if (frame === this.#shown) this.#running(state, data);
    });
    this.#next = frame;
  }

  #starting(state, { runs, height, message, retry, reason }) {
    if (state === "live") return this.#swap(runs, height);
    this.#drop();
    if (state === "queued" && performance.now() - this.#since < PATIENCE) {
      if (reason === "warming") this.#to("preparing"); // there is nobody to wait behind
      else this.#to("queued", message);
      this.#again = setTimeout(() => this.#start(), retry * 1000);
    } else if (state === "offline") {
      this.#to("offline");
    } else {
      this.#to("failed", message);
    }
  }

  #swap(runs, height) {
    const focused = this.#bar.isFocused;
    const before = this.#shown;
    [this.#shown, this.#next] = [this.#next, null];
    this.#change(() => {
      before?.remove();
      this.#saved(false);
      this.#to("live");
      this.#shown.show(height);
    });
    this.#bar.count(runs);
    if (focused) this.#shown.element.focus({ preventScroll: true });
  }

  #running(state, { runs, height, message }) {
    this.#shown.resize(height);
    if (this.#state !== "live") return;
    this.#bar.count(runs);
    if (state === "live") return this.#to("live", message);
    this.#shown.freeze();
    this.#to("ended", message);
  }

  /** Show the saved picture, or put it away. */
  #saved(shown) {
    for (const child of this.#stage.children) {
      if (!child.matches("iframe")) child.style.display = shown ? "" : "none";
    }
  }

  /** Change what the stage holds, and let its height follow calmly. */
  #change(change) {
    const before = this.#stage.offsetHeight;
    change();
    this.#stage.style.minHeight = "";
    const after = this.#stage.offsetHeight;
    if (before === after || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const [from, to] = [before, after].map((height) => ({ height: `${height}px`, overflow: "clip" }));
    this.#stage.animate([from, to], { duration: CALM, easing: "cubic-bezier(.2, .7, .2, 1)" });
  }
}
