/* In the frame of a live cell: takes the look of the page around it and tells it how things stand. */
import { watch } from "./kernel.js";
import { nameControls } from "./names.js";
import { embed, tell } from "./parent.js";

const page = document.documentElement;

/** The page streams while its notebook runs, so the element may not be there yet. */
function content() {
  return new Promise(resolve => {
    const look = () => {
      const element = document.getElementById("live");
      if (element) resolve(element);
      return element;
    };
    if (look()) return;
    const observer = new MutationObserver(() => look() && observer.disconnect());
    observer.observe(page, { childList: true, subtree: true });
  });
}

if (page.dataset.liveKernel) watch(page.dataset.liveKernel, page.dataset.liveShutdown, tell);
const element = await content();
embed(element);
nameControls(element);
// A page that only says something: every kernel is busy, or nothing could be started.
if (page.dataset.liveState) {
  const { liveState, liveMessage: message, liveRetry, liveReason: reason } = page.dataset;
  tell(liveState, { message, retry: Number(liveRetry), reason });
}
