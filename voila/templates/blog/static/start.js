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
  // Not before somebody listens; and again when the browser's button "back" brings the page back.
  const enable = () => { form.querySelector("button").disabled = false; };
  enable();
  addEventListener("pageshow", enable);
  const { liveState, liveRetry } = document.documentElement.dataset;
  // In a post the page around the frame asks again.
  if (alone && liveState === "queued") setTimeout(start, Number(liveRetry) * 1000);
}
