/* <live-cell>: a figure that can be run in its place. Where its widgets can be shown from their saved state, its
   controls are there when it comes near the screen, and the first touch gets a kernel; else its button does.
   Without this file the cell is complete, and its control is a link to the demo's page. */
import { Bar } from "./live-bar.js";
import { Pressed } from "./live-pressed.js";
import { Touched } from "./live-touched.js";

const MARGIN = "100% 0%"; // of the screen's height around it: near

const near = new IntersectionObserver(seen => {
  for (const { isIntersecting, target } of seen) if (isIntersecting) target.load();
}, { rootMargin: MARGIN });

class LiveCell extends HTMLElement {
  #bar = null;
  #touched = null;

  connectedCallback() {
    if (this.#bar || !this.querySelector("[data-run]") || !this.querySelector(".live-stage")) return;
    this.#bar = new Bar(this);
    if (!Touched.fits(this)) return void new Pressed(this, this.#bar);
    this.#touched = new Touched(this, this.#bar);
    near.observe(this);
    for (const act of ["pointerenter", "pointerdown", "focusin"]) {
      this.addEventListener(act, () => {
        this.load();
        this.#touched?.near();
      }, { passive: true });
    }
  }

  /** Load what shows the controls; called once when a reader comes near. */
  async load() {
    near.unobserve(this);
    this.load = () => {};
    if (await this.#touched.show()) return;
    this.#touched = null;
    new Pressed(this, this.#bar);
  }
}

customElements.define("live-cell", LiveCell);
