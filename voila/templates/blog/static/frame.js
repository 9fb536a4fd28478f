/* In the frame of a live cell: takes the look of the page around it and tells it how things stand. */
import { embed, tell } from "./parent.js";
import { watch } from "./kernel.js";

const page = document.documentElement;

embed(document.getElementById("live"));

if (page.dataset.liveState) {
  // A page that only says something: every kernel is busy, or nothing could be started.
  tell(page.dataset.liveState, { message: page.dataset.liveMessage, retry: Number(page.dataset.liveRetry) });
} else if (page.dataset.liveKernel) {
  watch(page.dataset.liveKernel, page.dataset.liveShutdown, tell);
}
