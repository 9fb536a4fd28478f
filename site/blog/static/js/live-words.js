/* What each state says: its name, a sentence, and what the button does then; where there is no action, there is no
   button. No sentence takes more than the two lines that the bar has for it on the smallest phone. */

/** Of a cell that shows its controls, and starts when one is moved: by state, and by why it is so. */
export const TOUCHED = {
  rest: {
    "": ["Saved picture", "Move a control to run it.", ""],
    coming: ["Saved picture", "", ""],
    awaited: ["Saved picture", "Its controls are on the way.", ""],
    warming: ["Saved picture", "Its controls are being made ready.", ""],
    left: ["Saved picture", "You left the line. Your settings are kept; move a control to try again.", "Try again"],
    online: ["Saved picture", "You are online again. Move a control to run it.", "Try again"],
  },
  starting: {
    "": ["Starting", "Getting a kernel, usually a moment.", ""],
    preparing: ["Preparing", "The figure is being prepared. It goes on by itself.", "Cancel"],
    line: ["Line dropped", "Getting back to your kernel. Your settings are kept.", ""],
  },
  live: {
    "": ["Live", "A kernel of your own draws this.", "End"],
    restored: ["Live", "A new kernel has taken your settings.", "End"],
    partly: ["Live", "A new kernel has your settings; what buttons did in the last one is gone.", "End"],
    unsure: ["Live", "The line dropped for a moment: your last press may not have arrived.", "End"],
    working: ["Live", "Your kernel is at work.", "End"],
    error: ["Live", "The last change raised an error in the notebook.", "End"],
  },
  queued: {
    "": ["In line", "All kernels are busy. You keep your place.", "Leave the line"],
    again: ["In line", "All kernels are busy. Trying again every few seconds.", "Leave the line"],
  },
  ended: {
    "": ["Ended", "The kernel has ended.", "Start again"],
    byReader: ["Ended", "Move a control to start again.", "Start again"],
    left: ["Ended", "You left the line. Move a control to try again.", "Start again"],
    online: ["Ended", "You are online again. Move a control to go on.", "Start again"],
    lost: ["Ended", "The line to the kernel is lost.", "Start again"],
  },
  failed: {
    "": ["Failed", "No kernel could be started.", "Try again"],
    blocked: ["Failed", "The network or an extension may block the way to a kernel.", "Try again"],
    misunderstood: ["Failed", "The kernel does not understand this page.", "Load again"],
    silent: ["Failed", "No kernel answered within a minute.", "Try again"],
    patience: ["Failed", "All kernels have been busy for five minutes.", "Try again"],
    unready: ["Failed", "The figure was not ready within five minutes.", "Try again"],
    module: ["Failed", "The controls could not be loaded.", "Load again"],
    broken: ["Failed", "The controls have failed; the mistake is ours.", "Load again"],
    changed: ["Changed", "The notebook has changed since this page was opened.", "Load again"],
  },
  offline: {
    "": ["Offline", "No kernel can be reached.", "Try again"],
  },
};

// What stays when it doesn't go on; and where more was done than setting values.
const KEPT = { ended: "Your settings are kept.", failed: "The picture stays.", offline: "The picture stays." };
const PARTLY = "Your settings are kept, what buttons did is not.";

/** Give name, sentence and action of a cell that shows its controls; the server's `message` takes the sentence's
    place, and `isPartial` says that something is lost. */
export function touched(state, why, message = "", isPartial = false) {
  const [name, sentence, action] = TOUCHED[state][why] ?? TOUCHED[state][""];
  const kept = state === "ended" && isPartial ? PARTLY : KEPT[state];
  return [name, [message || sentence, kept].filter(Boolean).map(closed).join(" "), action];
}

const closed = sentence => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`);

/** Of a cell that starts by its button, in a frame. */
export const PRESSED = {
  rest: ["Saved picture", "Press Run live to change it.", "Run live"],
  starting: ["Starting", "Getting a kernel, usually a few seconds.", "Cancel"],
  preparing: ["Preparing", "The figure is being prepared. It goes on by itself.", "Cancel"],
  live: ["Live", "A kernel of your own draws this. Move a control.", "End"],
  queued: ["In line", "All kernels are busy. Trying again every few seconds.", "Leave the line"],
  ended: ["Ended", "The kernel has ended.", "Start again"],
  failed: ["Failed", "The live figure could not be started.", "Try again"],
  offline: ["Offline", "No kernel can be reached.", "Try again"],
};

const STAYS = new Set(["ended", "failed", "offline"]);

/** Give name, sentence and action of a cell that starts by its button. */
export function pressed(state, message = "") {
  const [name, sentence, action] = PRESSED[state];
  return [name, `${closed(message || sentence)}${STAYS.has(state) ? " The picture stays." : ""}`, action];
}
