/* The search answers while the reader types: the form's own page is fetched, and its answers take the place
   of the old ones when they are there. Without this file the form works by itself. */
const form = document.querySelector("[data-search]");
const field = form.querySelector("input");
const said = document.querySelector("[data-said]");
const answers = document.querySelector("[data-answers]");
const pause = 120;

const address = () => {
  const given = [...new FormData(form)].filter(([, value]) => value.trim());
  return given.length ? `${form.action}?${new URLSearchParams(given)}` : form.action;
};

let shown = address();
let asking = new AbortController();
let timer = 0;

const ask = async () => {
  clearTimeout(timer);
  const wanted = address();
  asking.abort();
  if (wanted === shown) return;
  const { signal } = (asking = new AbortController());
  try {
    const answer = await fetch(wanted, { signal, headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (signal.aborted) return;
    answers.replaceChildren(...page.querySelector("[data-answers]").childNodes);
    said.textContent = page.querySelector("[data-said]").textContent;
    document.title = page.title;
    history.replaceState(null, "", wanted);
    shown = wanted;
  } catch {
    if (!signal.aborted) said.textContent = "The search does not answer. Press Enter to try again.";
  }
};

/* One letter is in every word. */
field.addEventListener("input", (event) => {
  clearTimeout(timer);
  const { length } = field.value.trim();
  if (!event.isComposing && length !== 1) timer = setTimeout(ask, pause);
});
field.addEventListener("compositionend", ask);
form.addEventListener("change", (event) => { if (event.target !== field) ask(); });

/* The arrows go from the field through the answers and back; Escape goes back at once. */
document.querySelector("main").addEventListener("keydown", (event) => {
  const links = [...answers.querySelectorAll(".results a")];
  const stops = [field, ...links];
  const here = stops.indexOf(event.target);
  if (here < 0 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const steps = { ArrowDown: here + 1, ArrowUp: here - 1, ...(here > 0 && { Escape: 0 }) };
  const next = stops[steps[event.key]];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

/* The one key that works everywhere can be switched off (WCAG 2.2, 2.1.4). app.js minds it. */
const keys = document.querySelector("[data-keys]");
const slash = keys.querySelector("[data-slash]");
const tell = (off) => { slash.textContent = `Switch the / key ${off ? "on" : "off"}`; };
slash.addEventListener("click", () => {
  try {
    const off = localStorage.getItem("slash") !== "off";
    if (off) localStorage.setItem("slash", "off");
    else localStorage.removeItem("slash");
    tell(off);
  } catch { /* storage is forbidden: the key stays */ }
});
try {
  tell(localStorage.getItem("slash") === "off");
  keys.hidden = false;
} catch { /* nothing to be switched */ }
