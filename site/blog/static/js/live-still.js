/* What a reader does with the still of a control: it answers nothing, so that is said, and once the control itself
   is in its place, of the same size, the focus goes to it. */

const WIDGETS = ".jupyter-widgets, .widget-slider, .widget-radio, .widget-toggle-buttons"; // some forget the first
const CONTROLS = "button, input, select, textarea, [tabindex='0']";

export class Still {
  #cell;
  #stage;
  #place = null; // of the last press, in the stage
  #left = new AbortController();

  /** Call `pressed()` with each act in the figure, until there is life in it. */
  constructor(cell, pressed) {
    this.#cell = cell;
    this.#stage = cell.querySelector(".live-stage");
    const options = { passive: true, signal: this.#left.signal };
    cell.addEventListener("pointerdown", ({ clientX, clientY }) => {
      const { left, top } = this.#stage.getBoundingClientRect();
      this.#place = { x: clientX - left, y: clientY - top };
      pressed();
    }, options);
    // Who tabs through passes by.
    cell.addEventListener("keydown", ({ key }) => key === "Tab" || pressed(), options);
  }

  /** The controls are there. */
  end() {
    this.#left.abort();
    const { activeElement: focused } = document;
    // A reader who has gone on to something else stays there.
    if (this.#place && (focused === document.body || this.#cell.contains(focused))) {
      this.#control()?.focus({ preventScroll: true });
    }
  }

  /** Give the control at the place of the press, the nearest part of it where it has several. */
  #control() {
    const { left, top } = this.#stage.getBoundingClientRect();
    const [x, y] = [left + this.#place.x, top + this.#place.y];
    const near = [...this.#stage.querySelectorAll(`.live-widgets :is(${CONTROLS})`)].filter(control => {
      const box = control.closest(WIDGETS)?.getBoundingClientRect();
      return box && box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
    });
    const distance = control => {
      const box = control.getBoundingClientRect();
      return Math.hypot((box.left + box.right) / 2 - x, (box.top + box.bottom) / 2 - y);
    };
    return near.sort((one, other) => distance(one) - distance(other))[0];
  }
}
