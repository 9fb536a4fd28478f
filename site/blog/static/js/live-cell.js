/* <live-cell>: on a press its saved picture becomes live, in its place, in a frame with a kernel of the
   reader's own. Without this file the cell is complete, and its control is a link to the demo's page. */
import { LiveFrame } from "./live-frame.js";

/* What each state says: its name, a sentence, and what the button does then. */
const WORDS = {
  rest: ["Saved picture", "Press Run live to change it.", "Run live"],
  starting: ["Starting", "Getting a kernel, usually a few seconds.", "Cancel"],
  live: ["Live", "A kernel of your own draws this. Move a control.", "End"],
  queued: ["In line", "All kernels are busy. Trying again every few seconds.", "Leave the line"],
  ended: ["Ended", "The kernel has ended; the picture stays.", "Start again"],
  failed: ["Failed", "The live figure could not be started.", "Try again"],
  offline: ["Offline", "No kernel can be reached. The saved picture stays.", "Try again"],
};
const PATIENCE = 5 * 60_000; // ms in the line
const CALM = 260; // ms, as the site's stylesheet has it

class LiveCell extends HTMLElement {
  #button = null;
  #stage = null;
  #shown = null; // the frame in the picture's place, live or ended
  #next = null; // the frame that starts
  #again = 0; // the timer in the line
  #since = 0; // when the reader pressed, by the page's clock

  connectedCallback() {
    const link = this.querySelector("[data-run]");
    this.#stage = this.querySelector(".live-stage");
    if (this.#button || !link || !this.#stage) return;
    this.#button = Object.assign(document.createElement("button"), { type: "button", className: link.className });
    this.#button.dataset.run = "";
    // The second half of a double click, and a key that is held down, press the next action unseen.
    this.#button.addEventListener("click", (event) => event.detail > 1 || this.#press());
    this.#button.addEventListener("keydown", (event) => event.repeat && event.preventDefault());
    link.replaceWith(this.#button);
    // A status is read out when it changes; how things are at rest is no news.
    const say = this.querySelector("[data-say]");
    say.removeAttribute("role");
    this.#to("rest");
    requestAnimationFrame(() => say.setAttribute("role", "status"));
  }

  get #state() { return this.dataset.state; }

  get #figure() {
    const label = this.querySelector("figcaption b")?.textContent.replace(/[.:\s]+$/, "") ?? "";
    return label ? label[0].toLowerCase() + label.slice(1) : "figure";
  }

  #to(state, message) {
    const [name, sentence, action] = WORDS[state];
    this.dataset.state = state;
    this.querySelector("[data-name]").textContent = name;
    const say = this.querySelector("[data-say]");
    if (say.textContent !== (message || sentence)) say.textContent = message || sentence;
    this.#button.textContent = action;
    this.#button.setAttribute("aria-label", `${action}, ${this.#figure}`);
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
    this.dataset.runs = "0";
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
    const cell = this.getAttribute("cell");
    const action = `/live/render/${this.getAttribute("notebook")}${cell ? `?cell=${encodeURIComponent(cell)}` : ""}`;
    const frame = new LiveFrame(this.#stage, action, `Live ${this.#figure}`, (state, data) => {
      if (frame === this.#next) this.#starting(state, data);
      else if (frame === this.#shown) this.#running(state, data);
    });
    this.#next = frame;
  }

  #starting(state, { runs, height, message, retry }) {
    if (state === "live") return this.#swap(runs, height);
    this.#drop();
    if (state === "queued" && performance.now() - this.#since < PATIENCE) {
      this.#to("queued", message);
      this.#again = setTimeout(() => this.#start(), retry * 1000);
    } else if (state === "offline") {
      this.#to("offline");
    } else {
      this.#to("failed", `${message || WORDS.failed[1]} The picture stays.`);
    }
  }

  #swap(runs, height) {
    const focused = document.activeElement === this.#button;
    const before = this.#shown;
    [this.#shown, this.#next] = [this.#next, null];
    this.#change(() => {
      before?.remove();
      this.#saved(false);
      this.#to("live");
      this.#shown.show(height);
    });
    this.dataset.runs = runs;
    if (focused) this.#shown.element.focus({ preventScroll: true });
  }

  #running(state, { runs, height, message }) {
    this.#shown.resize(height);
    if (this.#state !== "live") return;
    this.dataset.runs = runs;
    if (state === "live") return this.#to("live", message);
    this.#shown.freeze();
    this.#to("ended", message && `${message.replace(/\.$/, "")}; the picture stays.`);
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

customElements.define("live-cell", LiveCell);
