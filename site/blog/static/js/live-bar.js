/* The bar of a live cell: its state in words, and the one thing that can be done about it. */

export class Bar {
  onpress = () => {};

  #cell;
  #say;
  #runs;
  #button;

  /** Take over the bar of a `<live-cell>`; its link, or what holds the place of one, becomes the button. */
  constructor(cell) {
    this.#cell = cell;
    const link = cell.querySelector("[data-run]");
    this.#button = Object.assign(document.createElement("button"), { type: "button", className: link.className });
    this.#button.dataset.run = "";
    this.#button.hidden = true;
    // The second half of a double click, and a key that is held down, press the next action unseen.
    this.#button.addEventListener("click", event => event.detail > 1 || this.onpress());
    this.#button.addEventListener("keydown", event => event.repeat && event.preventDefault());
    link.replaceWith(this.#button);
    // A status is read out when it changes; how things are at rest is no news.
    this.#say = cell.querySelector("[data-say]");
    this.#say.removeAttribute("role");
    requestAnimationFrame(() => this.#say.setAttribute("role", "status"));
    // Numbers beside it change with each run: to be found, and not read out.
    this.#runs = Object.assign(document.createElement("span"), { className: "runs" });
    this.#say.after(this.#runs);
  }

  get isFocused() { return document.activeElement === this.#button; }

  /** The figure as a sentence names it, such as `figure 3`. */
  get figure() {
    const label = this.#cell.querySelector("figcaption b")?.textContent.replace(/[.:\s]+$/, "") ?? "";
    return label ? label[0].toLowerCase() + label.slice(1) : "figure";
  }

  /** Say how things stand; without an action there is no button. */
  to(state, name, sentence, action) {
    this.#cell.dataset.state = state;
    this.#cell.querySelector("[data-name]").textContent = name;
    if (this.#say.textContent !== sentence) this.#say.textContent = sentence;
    const left = this.isFocused && !action;
    this.#button.hidden = !action;
    this.#button.textContent = action;
    this.#button.setAttribute("aria-label", `${action}, ${this.figure}`);
    if (left) this.#keep();
  }

  /** Show how many runs there were, and how many milliseconds the last of them took, if that is known. */
  count(runs, took) {
    this.#cell.dataset.runs = runs;
    const last = took > 0 ? ` \u00b7 last ${duration(took)}` : "";
    this.#runs.textContent = runs > 0 ? `${runs} ${runs === 1 ? "run" : "runs"}${last}` : "";
  }

  /** The focus was on a button that has gone: it stays in the figure. */
  #keep() {
    const figure = this.#cell.querySelector("figure");
    figure.tabIndex = -1;
    figure.focus({ preventScroll: true });
  }
}

const duration = took => (took < 1000 ? `${Math.max(1, Math.round(took))}\u00a0ms` : `${(took / 1000).toFixed(1)}\u00a0s`);
