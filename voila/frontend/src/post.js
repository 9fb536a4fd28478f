/* The live cells of one notebook on a page: their widgets, and the session that they share. */
import { WORLD } from "./door.js";
import { Manager } from "./manager.js";
import { formulas } from "./mathematics.js";
import { nameControls } from "./names.js";
import { closure, decode, isSameKind } from "./rest.js";
import { painted, Results } from "./results.js";
import { giveRoles } from "./roles.js";
import { Session } from "./session.js";
import { Tokens } from "./tokens.js";

export class Post {
  runs = 0; // results of the reader's own kernel that have been shown
  took = 0; // ms from the change until the last of them could be seen

  #notebook;
  #rest;
  #session;
  #manager;
  #tokens;
  #loaded = null;
  #shown = new Map(); // cell -> its elements
  #listeners = new Set();
  #read = false; // a result has come since the state was told
  #now = { state: "rest", why: "", message: "" };

  /** Fetch a notebook's state at rest; `token()` gives a token for a start. Rejects with an error whose `status`
      is the answer's, 0 where there was none, and whose `retry` says after how many seconds it may be there; an
      error without a `status` is a mistake of ours. */
  static async open(notebook, token, asked) {
    return new Post(notebook, await rest(notebook, asked), token);
  }

  constructor(notebook, found, token) {
    this.#notebook = notebook;
    this.#rest = found;
    this.#tokens = new Tokens(token);
    const session = this.#session = new Session(notebook, { ...WORLD, token: () => this.#tokens.take() }, {
      heard: async message => {
        await this.#manager.heard(message);
        results.see(message);
      },
      restarted: async partial => {
        this.#manager.restarted(this.#rest.states);
        if (partial) await this.#manager.renew(this.#rest.states);
      },
      changed: () => this.#renew(),
      working: is => this.#working(is),
      told: (state, why, message) => {
        this.#read = false;
        this.#tell({ state, why, message });
      },
    });
    session.generation = found.generation;
    this.#manager = new Manager(session);
    const results = new Results(session.name, (failed, id) => this.#result(failed, id));
    addEventListener("pagehide", () => ["live", "starting", "queued"].includes(session.state) && session.end());
    addEventListener("offline", () => session.drop());
    addEventListener("online", () => session.online());
  }

  /** Put the cell's widgets into `places`, where the saved ones are. Gives false where they can't be shown; then
      nothing has changed. */
  async show(cell, places) {
    const { cells, states } = this.#rest;
    const ids = cells[cell] ?? [];
    if (!ids.length || ids.length !== places.length) return false;
    const kinds = [...closure(states, ids)].map(id => states[id]);
    const known = await Promise.all(kinds.map(kind => Manager.has(kind)));
    if (known.includes(false)) return false;
    this.#loaded ??= this.#manager.load(states);
    this.#session.building += 1;
    const made = places.map(place => {
      const box = document.createElement("div");
      box.className = "live-coming";
      box.inert = true;
      place.append(box);
      return box;
    });
    try {
      await Promise.all(ids.map((id, place) => this.#manager.show(id, made[place])));
      await this.#manager.settled();
      await Promise.all([images(made), formulas()]);
    } catch (error) {
      console.error("A figure that can't be shown:", error);
      made.forEach(box => box.remove());
      return false;
    } finally {
      this.#session.building -= 1;
    }
    places.forEach((place, number) => {
      const words = [...place.querySelectorAll("img")].map(({ alt }) => alt).filter(Boolean);
      const box = made[number];
      for (const child of [...place.children]) if (child !== box) child.remove();
      box.className = "live-widgets";
      box.inert = false;
      nameControls(box, words);
      giveRoles(box);
    });
    this.#shown.set(cell, made);
    return true;
  }

  /** Tell `listener({state, why, message})` how things stand, now and whenever that changes. */
  listen(listener) {
    this.#listeners.add(listener);
    listener(this.#now);
  }

  get isPartial() { return this.#session.isPartial; }

  /** A reader is near: what a start needs is made ready, and nothing is started. */
  near() { this.#tokens.prepare(); }

  touched(held) { this.#session.touched(held); }

  /** Start at the reader's wish, without a change. */
  start() { this.#session.start(); }

  end() { this.#session.end(); }

  async #renew() {
    const found = await rest(this.#notebook);
    const ids = [...this.#shown.keys()].flatMap(cell => this.#rest.cells[cell]);
    const before = Object.fromEntries([...closure(this.#rest.states, ids)].map(id => [id, this.#rest.states[id]]));
    const same = [...this.#shown.keys()].every(cell => String(found.cells[cell]) === String(this.#rest.cells[cell]));
    if (!same || !isSameKind(before, found.states)) return "";
    this.#rest = found;
    await this.#manager.renew(found.states);
    return found.generation;
  }

  async #result(failed, id) {
    const before = this.#session.since(id), heard = performance.now();
    await painted([...this.#shown.values()].flat());
    this.runs += 1;
    this.took = before + performance.now() - heard;
    // What was said when this kernel came stays while its first result is looked at.
    const why = failed ? "error" : this.#read ? "" : this.#now.why;
    this.#read = true;
    this.#tell(this.#now.state === "live" ? { state: "live", why, message: "" } : this.#now);
  }

  /** The kernel takes a moment, which is said; what is said otherwise is said again when it is done. */
  #working(is) {
    this.#tell({ state: "live", why: is ? "working" : "", message: "" });
  }

  #tell(now) {
    this.#now = now;
    this.#listeners.forEach(listener => listener(now));
  }
}

async function rest(notebook, asked) {
  const answer = await (asked ?? fetch(`/live/rest/${notebook}`, { cache: "no-cache" })).catch(cause => {
    throw Object.assign(new Error("no state at rest", { cause }), { status: 0 });
  });
  if (!answer.ok) {
    const retry = Number(answer.headers.get("Retry-After")) || 5;
    throw Object.assign(new Error(`no state at rest: ${answer.status}`), { status: answer.status, retry });
  }
  return decode(await answer.arrayBuffer());
}

const images = boxes => Promise.allSettled(
  boxes.flatMap(box => [...box.querySelectorAll("img")]).filter(image => image.src).map(image => image.decode()));
