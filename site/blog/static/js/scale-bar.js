/* The scale bar of a picture whose author says how large a pixel is ("0.18 nm"): a round length that follows the
   zoom, at most a third of the stage. Lengths change to the unit in which they are read best. */
const METRES = { pm: 1e-12, nm: 1e-9, "µm": 1e-6, mm: 1e-3, m: 1 };
const LONGEST = 180;

/** The longest round length, 1, 2 or 5 times a power of ten, that is not longer than ``most``. */
export function round(most) {
  const power = Math.floor(Math.log10(most));
  const ten = 10 ** power;
  const digit = [5, 2, 1].find((one) => one * ten <= most * (1 + 1e-9)) ?? 1;
  return Number(`${digit}e${power}`);
}

/** A length with its unit, as readers write it: 2000 nm is 2 µm, 0.5 nm stays, 0.05 nm is 50 pm. */
export function said(length, unit) {
  const names = Object.keys(METRES);
  let [value, at] = [length, names.indexOf(unit)];
  const change = (step) => {
    value *= METRES[names[at]] / METRES[names[at + step]];
    at += step;
  };
  while (at >= 0 && at < names.length - 1 && value > 999) change(1);
  while (at > 0 && value < 0.0999) change(-1);
  return `${Number(value.toPrecision(6))} ${names[at] ?? unit}`;
}

export class ScaleBar {
  element = document.createElement("div");
  #line = document.createElement("i");
  #words = document.createElement("span");
  #pixel = 0;
  #unit = "";

  constructor() {
    this.element.className = "scale-bar";
    this.element.append(this.#line, this.#words);
    this.unit("");
  }

  /** Take the size of a pixel, as a number and a unit; without one there is no bar. */
  unit(pixel = "") {
    const [size, unit = ""] = pixel.split(" ");
    this.#pixel = Number(size);
    this.#unit = unit;
    this.element.hidden = !(this.#pixel > 0 && unit);
  }

  draw(scale, room) {
    if (this.element.hidden) return;
    const length = round((Math.min(LONGEST, room / 3) / scale) * this.#pixel);
    this.#line.style.width = `${(length / this.#pixel) * scale}px`;
    this.#words.textContent = said(length, this.#unit);
  }
}
