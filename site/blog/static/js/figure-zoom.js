/* A picture on a stage that can be made larger and moved: by wheel, pinch, drag, double tap and keys. Its place
   is its corner and its scale, in the stage's pixels; a scale of 1 is the picture at its own size. */
import { ScaleBar } from "./scale-bar.js";

const MOST = 40; // the largest scale
const STEP = 1.4;
const TAP = 300; // milliseconds in which a second tap makes a double tap
const NEAR = 20; // pixels that a tap may move, and the second be away from the first
const MOVES = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };

const between = (least, value, most) => Math.min(Math.max(value, least), most);

export class Zoom {
  #stage;
  #image = document.createElement("img");
  #bar = new ScaleBar();
  #size = [1, 1];
  #room = [1, 1];
  #fitted = 1;
  #wanted = Infinity;
  #x = 0;
  #y = 0;
  #scale = 1;
  #pointers = new Map();
  #pressed = null;
  #tapped = null;

  constructor(stage) {
    this.#stage = stage;
    stage.append(this.#image, this.#bar.element);
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      const far = between(-240, event.deltaY * (event.deltaMode ? 33 : 1), 240);
      this.#by(Math.exp(-far / (event.ctrlKey ? 100 : 400)), this.#point(event));
    }, { passive: false });
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", (event) => this.#pointers.delete(event.pointerId));
    new ResizeObserver(() => this.whole()).observe(stage);
  }

  /** Show the file that a link leads to; ``shown`` is its picture on the page, which lends words and look. */
  async show(link, shown) {
    const image = this.#image;
    const width = shown.getBoundingClientRect().width;
    const vector = shown.matches(".vector");
    const data = Boolean(shown.closest(".plate"));
    image.alt = shown.alt;
    image.className = data || link.matches(".only-dark") ? "" : shown.className;
    image.src = link.href;
    image.hidden = true;
    this.#bar.unit(vector ? "" : link.dataset.pixel);
    try {
      await image.decode();
    } catch { /* another figure was asked for, or the file is gone: its words stand in its place */ }
    if (image.src !== link.href) return;
    const natural = [image.naturalWidth || width, image.naturalHeight || width];
    this.#size = vector ? [width, (width * natural[1]) / natural[0]] : natural;
    [image.width, image.height] = this.#size;
    /* data may fill the stage, and so may a drawing; a plot opens at its own size, or as large as on the page */
    this.#wanted = vector || data ? Infinity : Math.max(1, width / natural[0]);
    image.hidden = false;
    this.whole();
  }

  clear() {
    this.#image.removeAttribute("src");
    this.#pointers.clear();
  }

  whole() {
    this.#room = [this.#stage.clientWidth, this.#stage.clientHeight];
    const fit = Math.min(...this.#room.map((room, axis) => room / this.#size[axis]));
    this.#fitted = Math.min(fit, this.#wanted, MOST);
    this.#place(0, 0, this.#fitted);
  }

  in() {
    this.#by(STEP);
  }

  out() {
    this.#by(1 / STEP);
  }

  /** Do what a key asks for; false where it asks for nothing here. */
  key(key) {
    if (key === "+" || key === "=") this.in();
    else if (key === "-" || key === "_") this.out();
    else if (key === "0") this.whole();
    else if (key === "1") this.#by(1 / this.#scale);
    else if (MOVES[key] && this.#size.some((size, axis) => MOVES[key][axis] && size * this.#scale > this.#room[axis] + 1)) {
      this.#place(this.#x + MOVES[key][0], this.#y + MOVES[key][1], this.#scale);
    } else return false;
    return true;
  }

  /** Make it larger by a factor, with the point of the stage that is named staying where it is. */
  #by(factor, [x, y] = this.#room.map((room) => room / 2)) {
    const scale = between(Math.min(this.#fitted, 1), this.#scale * factor, Math.max(MOST, this.#fitted));
    const real = scale / this.#scale;
    this.#place(x - (x - this.#x) * real, y - (y - this.#y) * real, scale);
  }

  /** Put it there: in the middle where there is room, and never so far out that the stage shows an edge. */
  #place(x, y, scale) {
    [this.#x, this.#y] = [x, y].map((corner, axis) => {
      const over = this.#room[axis] - this.#size[axis] * scale;
      return over > 0 ? over / 2 : between(over, corner, 0);
    });
    this.#scale = scale;
    this.#image.style.transform = `translate(${this.#x}px, ${this.#y}px) scale(${scale})`;
    /* far in, a pixel is a square and not a blur */
    this.#image.classList.toggle("grain", scale * devicePixelRatio >= 3);
    this.#stage.dataset.scale = scale.toFixed(3);
    this.#stage.classList.toggle("movable", this.#size.some((size, axis) => size * scale > this.#room[axis] + 1));
    this.#bar.draw(scale, this.#room[0]);
  }

  #point(event) {
    const box = this.#stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #down(event) {
    if (event.button) return;
    event.preventDefault(); // no dragging of the picture itself, no selection
    this.#stage.focus({ preventScroll: true });
    this.#stage.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#point(event));
    this.#pressed = this.#pointers.size === 1 ? this.#point(event) : null;
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = this.#point(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (other) {
      const [was, is] = [before, now].map(([x, y]) => Math.hypot(x - other[0], y - other[1]));
      /* the middle of the two fingers is where it grows, and moves it */
      this.#by(is / Math.max(was, 1), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
      this.#place(this.#x + (now[0] - before[0]) / 2, this.#y + (now[1] - before[1]) / 2, this.#scale);
    } else this.#place(this.#x + now[0] - before[0], this.#y + now[1] - before[1], this.#scale);
  }

  #up(event) {
    if (!this.#pointers.delete(event.pointerId) || !this.#pressed) return;
    const here = this.#point(event);
    const near = (point) => Math.hypot(here[0] - point[0], here[1] - point[1]) < NEAR;
    if (!near(this.#pressed)) {
      this.#tapped = null;
    } else if (this.#tapped && event.timeStamp - this.#tapped.time < TAP && near(this.#tapped.point)) {
      this.#tapped = null;
      if (this.#scale > this.#fitted * 1.01) this.whole();
      else this.#by(Math.max(2.5, 1 / this.#scale), here);
    } else this.#tapped = { time: event.timeStamp, point: here };
    this.#pressed = null;
  }
}
