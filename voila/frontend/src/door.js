/* The way to a kernel: a websocket that is asked for with a fresh token and answers first, in text, how things
   stand; and the way back to a kernel whose line has dropped. */
import { unique, PROTOCOL } from "./wire.js";

const PATIENCE = 60_000; // ms until an answer that doesn't come has failed
const SHORT = 5000; // ms, where only the line is in question

/** What of the world outside is used here; tests bring their own. */
export const WORLD = {
  token: null, // () => a promise of one; rejects with an error whose `state` is failed or offline
  socket: url => new WebSocket(new URL(url, location.href.replace(/^http/, "ws")), PROTOCOL),
  ask: url => fetch(url, { cache: "no-store", signal: AbortSignal.timeout(SHORT) }),
  leave: url => navigator.sendBeacon(url),
  now: () => performance.now(),
  online: () => navigator.onLine !== false,
  later: (run, delay) => {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
};

export class Door {
  #world;
  #notebook;
  #name = unique(); // the page's own, by which the server knows it again

  constructor(notebook, world) {
    this.#notebook = notebook;
    this.#world = world;
  }

  get name() { return this.#name; }

  /** Ask for a kernel. Gives the server's first word `{state, …}`, with `socket` where it is live; `state` is
      `blocked` where no websocket opens, `silent` where none answers, else what token() says. */
  async knock(generation, signal) {
    let last;
    for (let tries = 0; tries < 2; tries += 1) {
      let token;
      try {
        token = await this.#world.token();
      } catch (refusal) {
        return { state: refusal.state ?? "offline", message: refusal.message };
      }
      if (signal.aborted) return { state: "left" };
      const asked = new URLSearchParams({ token, generation, session_id: this.#name });
      last = await this.#first(`/live/session/${this.#notebook}?${asked}`, signal);
      if (!(last.state === "failed" && last.stale)) break;
    }
    if (last.state !== "blocked") return last;
    // Is it the websocket that doesn't come through, or nothing?
    return this.#world.token().then(() => last, refusal => ({ state: refusal.state ?? "offline", message: refusal.message }));
  }

  #first(url, signal) {
    return new Promise(resolve => {
      const socket = this.#open(url);
      const done = word => {
        forget();
        signal.removeEventListener("abort", leave);
        socket.onmessage = socket.onclose = socket.onerror = null;
        if (word.state !== "live") socket.close();
        resolve(word);
      };
      const leave = () => done({ state: "left" });
      const forget = this.#world.later(() => done({ state: "silent" }), PATIENCE);
      signal.addEventListener("abort", leave);
      socket.onmessage = ({ data }) => {
        try {
          const word = JSON.parse(data);
          done(word.state === "live" ? { ...word, socket } : word);
        } catch {
          done({ state: "failed" });
        }
      };
      socket.onclose = () => done({ state: this.#world.online() ? "blocked" : "offline" });
    });
  }

  /** Go back to a kernel: gives its socket once it is open, or nothing. */
  back(kernel, signal) {
    return new Promise(resolve => {
      const socket = this.#open(`/live/api/kernels/${kernel}/channels?session_id=${this.#name}`);
      const done = found => {
        forget();
        signal.removeEventListener("abort", leave);
        socket.onopen = socket.onclose = null;
        if (!found) socket.close();
        resolve(found);
      };
      const leave = () => done(null);
      const forget = this.#world.later(leave, SHORT);
      signal.addEventListener("abort", leave);
      // A refusal is said in the handshake here, so it never opens.
      socket.onopen = () => done(socket);
      socket.onclose = () => done(null);
    });
  }

  /** Say how it is with a kernel: `{there}`, or that it has gone, and why; `{}` where nobody answers. */
  async fate(kernel) {
    const answer = await this.#world.ask(`/live/api/kernels/${kernel}`).catch(() => null);
    if (answer?.ok) return { there: true };
    if (answer?.status === 404) return { gone: true, message: "" };
    if (answer?.status !== 410) return {};
    const { message = "" } = await answer.json().catch(() => ({}));
    return { gone: true, message };
  }

  /** End a kernel. */
  end(kernel) {
    this.#world.leave(`/live/voila/api/shutdown/${kernel}`);
  }

  #open(url) {
    const socket = this.#world.socket(url);
    socket.binaryType = "arraybuffer";
    return socket;
  }
}
