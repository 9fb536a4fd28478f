/* The form that starts a kernel, on a page that was opened by itself: its button fetches a token first, and
   where all kernels are busy it is pressed again by itself. */
import { alone } from "./parent.js";

const form = document.querySelector("form:has([data-live-token])");

async function start() {
  const field = form.elements.token;
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(field.dataset.liveToken, { method: "POST", cache: "no-store" });
    if (answer.ok) field.value = (await answer.json()).token;
  } catch { /* the form says it: no answer, or one without a token */ }
  form.submit();
}

if (form) {
  form.addEventListener("submit", event => {
    event.preventDefault();
    start();
  });
  // Brought back by the browser's button "back" it may be pressed again.
  addEventListener("pageshow", () => form.querySelector("button").disabled = false);
  const { liveState, liveRetry } = document.documentElement.dataset;
  // In a post the page around the frame asks again.
  if (alone && liveState === "queued") setTimeout(start, Number(liveRetry) * 1000);
}
