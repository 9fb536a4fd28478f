/* Voila's front end seen from outside: when its widgets are shown, when a result of the kernel has come,
   and when the kernel has gone. */

const RESULTS = new Set(["display_data", "update_display_data", "execute_result", "stream"]);
const GONE = new Set(["dead", "terminating", "restarting", "autorestarting"]);
const PATIENCE = 40_000; // ms from the start of Voila's front end to shown widgets
const BUSY = 3000; // ms that a kernel which is still at work is waited for, once all is shown
const AGAIN = 1500; // ms between two questions whether a kernel is still there

// An output without its view, or a child of a box without: ipywidgets puts a bare widget in its place till then.
const UNFILLED = [
  ".live-output:not(:has(*))",
  ".live-output .jp-OutputArea-output:not(:has(*))",
  '.live-output .widget-box > [class="lm-Widget"]:empty',
].join();

/** Follow the session and call `tell(state, {runs, message})`. */
export function watch(url, shutdown, tell) {
  let state = "starting";
  let runs = 0;
  const end = (to, message) => {
    if (state === "ended" || state === "failed") return;
    state = to;
    document.getElementById("live").inert = true;
    tell(to, { runs, message });
  };

  // `beforeunload` isn't fired when a frame is taken out of its page, and never by iOS.
  addEventListener("pagehide", () => {
    navigator.sendBeacon(shutdown);
    end("ended", "");
  });

  // A notebook that fails says so at the end of the page, before any of Voila's front end has started.
  whole().then(() => {
    const failure = document.querySelector("[data-live-failure]");
    if (failure) end("failed", failure.dataset.liveFailure);
  });

  appeared().then(async app => {
    if (state !== "starting") return;
    const late = setTimeout(() => end("failed", "The widgets could not be shown."), PATIENCE);
    const manager = await app.widgetManagerPromise.promise;
    const kernel = manager.kernel;
    follow(kernel, url, end);
    await rendered(kernel);
    clearTimeout(late);
    if (state !== "starting") return;
    state = "live";
    tell(state, { runs: (runs = 1) });
    results(kernel, (message = "") => state === "live" && tell(state, { runs: ++runs, message }));
  });
}

/** The page has come to its end. */
function whole() {
  return new Promise(resolve => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve, { once: true });
    else resolve();
  });
}

/** Voila's application; it puts itself on the window when it has started. */
function appeared() {
  return new Promise(resolve => {
    if (window.jupyterapp) return resolve(window.jupyterapp);
    Object.defineProperty(window, "jupyterapp", {
      configurable: true,
      set(app) {
        Object.defineProperty(window, "jupyterapp", { value: app });
        resolve(app);
      },
    });
  });
}

/** The kernel answers, every output has been turned into widgets and pictures, and nothing is under way. */
async function rendered(kernel) {
  const pause = () => new Promise(resolve => setTimeout(resolve, 25));
  const missing = () => document.querySelector('script[type="application/vnd.voila.cell-output+json"]');
  const unfilled = () => document.querySelector(UNFILLED);
  await kernel.info;
  while (missing()) await pause();
  // Some notebooks are never idle, some outputs stay empty, and a word of the kernel's state may be lost: that
  // holds nothing up for long.
  const since = performance.now();
  while ((unfilled() || kernel.status !== "idle") && performance.now() - since < BUSY) await pause();
  await painted();
}

async function painted() {
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  await Promise.allSettled([...document.images].filter(image => image.src).map(image => image.decode()));
}

/** Call `shown` when what a reader's input made the kernel send is on the page. */
function results(kernel, shown) {
  const asked = new Map(); // message id -> what has come of it
  kernel.anyMessage.connect((_, { msg, direction }) => {
    const type = msg.header.msg_type;
    if (direction === "send") {
      if (type === "comm_msg") asked.set(msg.header.msg_id, { result: false, error: false });
      return;
    }
    const answer = asked.get(msg.parent_header.msg_id);
    if (!answer || msg.channel !== "iopub") return;
    if (type === "error") answer.error = true;
    else if (RESULTS.has(type) || isUpdate(type, msg.content.data)) answer.result = true;
    else if (type === "status" && msg.content.execution_state === "idle") {
      asked.delete(msg.parent_header.msg_id);
      if (answer.error) painted().then(() => shown("The last change raised an error in the notebook."));
      else if (answer.result) painted().then(() => shown());
    }
  });
}

/** A widget's new state from the kernel; not the echo of the reader's own, nor an Output taking over. */
const isUpdate = (type, data) =>
  type === "comm_msg" && data?.method === "update" && Object.keys(data.state).some(key => key !== "msg_id");

/** Tell the end of the kernel: said by the server, which also knows why, or found when the connection is lost. */
function follow(kernel, url, end) {
  const ask = () => fetch(url, { cache: "no-store" }).catch(() => null);
  const gone = async answer => {
    const told = answer?.status === 410 ? await answer.json().catch(() => null) : null;
    end("ended", told?.message || "The kernel has ended.");
  };
  const over = async () => gone(await ask());
  kernel.statusChanged.connect((_, status) => GONE.has(status) && over());
  kernel.disposed.connect(over);
  kernel.connectionStatusChanged.connect(async (_, status) => {
    if (status === "disconnected") return over();
    for (let failures = 0; kernel.connectionStatus === "connecting" && failures < 4; ) {
      const answer = await ask();
      if (answer?.status === 404 || answer?.status === 410) return gone(answer);
      if (!answer?.ok) failures += 1;
      await new Promise(resolve => setTimeout(resolve, AGAIN));
      if (failures === 4) end("ended", "The connection to the kernel is lost.");
    }
  });
}
