/* The frame in which a live cell runs: a form is posted into it, and its page reports by messages. */

import { token } from "./live-token.js";

const LIMIT = 60_000; // ms until a start that says nothing has failed
let made = 0;

/** One session: `report(state, {runs, height, message, retry, reason})` is called with what its page says
    (live, queued, ended, failed), with `offline` where no server answers, and with `failed` when the time
    is over. Nothing is reported after `remove()`. */
export class LiveFrame {
  #stage;
  #report;
  #timer;
  #listen = (event) => this.#message(event);

  constructor(stage, action, title, report) {
    this.#stage = stage;
    this.#report = report;
    this.element = Object.assign(document.createElement("iframe"), {
      className: "live-frame", name: `live-frame-${++made}`, title, inert: true,
    });
    this.element.addEventListener("load", () => this.#loaded());
    stage.append(this.element);
    addEventListener("message", this.#listen);
    this.#timer = setTimeout(() => report("failed", { message: "No kernel answered within a minute." }), LIMIT);
    this.#post(action);
  }

  /** Show the frame at the height of its content; from now on no time limit holds. */
  show(height) {
    clearTimeout(this.#timer);
    this.element.inert = false;
    this.resize(height);
  }

  resize(height) {
    Object.assign(this.element.style, { height: `${height}px`, minHeight: "0" });
  }

  /** Leave the picture where it is, without a kernel behind it. */
  freeze() {
    this.element.inert = true;
    // The site's stylesheet hides a frame while its cell is starting; this one isn't what starts.
    Object.assign(this.element.style, { position: "static", opacity: "1" });
  }

  /** Take the frame away; its page ends its kernel as it goes. */
  remove() {
    clearTimeout(this.#timer);
    removeEventListener("message", this.#listen);
    this.#report = () => {};
    this.element.remove();
  }

  async #post(action) {
    let value;
    try {
      value = await token();
    } catch (refusal) {
      return this.#report(refusal.state ?? "offline", { message: refusal.message });
    }
    if (!this.element.isConnected) return;
    const form = Object.assign(document.createElement("form"), {
      method: "post", action, target: this.element.name, hidden: true,
    });
    form.append(Object.assign(document.createElement("input"), { name: "token", value }));
    this.#stage.append(form);
    form.submit();
    form.remove();
  }

  #message({ origin, source, data }) {
    if (origin !== location.origin || source !== this.element.contentWindow || data?.type !== "live-cell") return;
    this.#report(data.state, data);
  }

  #loaded() {
    let page = null;
    try {
      page = this.element.contentDocument;
    } catch { /* the browser's own error page */ }
    if (page?.URL === "about:blank") return;
    if (!page?.documentElement.hasAttribute("data-live-frame")) this.#report("offline", {});
  }
}
