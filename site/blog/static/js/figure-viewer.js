/* The figures of a page, large: one native dialog, made when the first figure is pressed. It shows the picture's
   own file, with what the page says below it, and goes on to the figures before and after. Without this file
   the picture is a link to that file. */
import { Zoom } from "./figure-zoom.js";

const ICONS = {
  out: "M4 10h12", whole: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4", in: "M4 10h12M10 4v12",
  before: "M12.5 4.5 7 10l5.5 5.5", after: "M7.5 4.5 13 10l-5.5 5.5", close: "M5 5l10 10M15 5 5 15",
};
const button = (act, name) => `<button type="button" data-act="${act}" aria-label="${name}" title="${name}">
<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${ICONS[act]}"/></svg></button>`;

const dialog = document.createElement("dialog");
dialog.className = "viewer";
dialog.setAttribute("aria-labelledby", "viewer-name");
dialog.innerHTML = `<div class="viewer-bar"><h2 id="viewer-name" aria-live="polite"></h2>
<a download>Original file</a>
${button("out", "Smaller")}${button("whole", "Whole picture")}${button("in", "Larger")}${button("close", "Close")}</div>
<div class="viewer-stage" tabindex="0" role="group" aria-label="Picture: plus, minus, 0 and arrows move it"></div>
<div class="viewer-foot">${button("before", "Figure before")}<div class="viewer-words"></div>${button("after", "Next figure")}</div>`;
const part = (selector) => dialog.querySelector(selector);
const [stage, name, words, file] = [".viewer-stage", "h2", ".viewer-words", "a"].map(part);

let links = [];
let at = 0;
let opener = null;
const zoom = new Zoom(stage);

/* A light and a dark drawing are one figure, of which one is shown; what is folded is not. */
const isShown = (link) => link.checkVisibility?.() ?? link.getClientRects().length > 0;

function show(place) {
  at = place;
  const link = links[at];
  const figure = link.closest("figure");
  const caption = figure?.querySelector("figcaption");
  const number = caption?.querySelector("b:first-child")?.textContent.trim().replace(/\.$/, "") || "Picture";
  name.textContent = links.length > 1 ? `${number}, ${at + 1} of ${links.length}` : number;
  file.href = link.href;
  const copy = caption?.cloneNode(true);
  for (const element of copy?.querySelectorAll("[id], b:first-child") ?? []) {
    if (element.matches("b")) element.remove();
    else element.removeAttribute("id");
  }
  words.replaceChildren(...(copy?.childNodes ?? []));
  words.scrollTop = 0;
  part('[data-act="before"]').disabled = at === 0;
  part('[data-act="after"]').disabled = at === links.length - 1;
  zoom.show(link, link.querySelector("img") ?? link.closest(".plate").querySelector("img"));
}

function go(step) {
  const place = Math.min(Math.max(at + step, 0), links.length - 1);
  if (place !== at) show(place);
}

dialog.addEventListener("click", ({ target }) => {
  const act = target.closest("[data-act]")?.dataset.act;
  if (act === "close" || target.closest('.viewer-words a[href^="#"]')) dialog.close();
  else if (act === "before" || act === "after") {
    go(act === "after" ? 1 : -1);
    /* a button that can't go on would lose the focus, and the keys with it */
    if (target.closest("button").disabled) stage.focus();
  } else if (act) zoom[act]();
});
dialog.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { PageUp: -1, PageDown: 1, ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (zoom.key(event.key)) event.preventDefault();
  else if (step) {
    event.preventDefault();
    go(step);
  }
});
dialog.addEventListener("close", () => {
  zoom.clear();
  opener?.focus();
});

/* Its styles come with it; shown without them it would be a heap. */
const styled = new Promise((resolve, reject) => {
  const href = new URL("../css/viewer.css", import.meta.url);
  const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve, onerror: reject });
  document.head.append(sheet);
});

/** Open the figure of a link; called by app.js for each press. Fails where the styles don't come. */
export async function open(link) {
  await styled;
  if (dialog.open) return;
  if (!dialog.isConnected) document.body.append(dialog);
  opener = link;
  links = [...document.querySelectorAll("a.enlarge")].filter(isShown);
  dialog.showModal();
  show(Math.max(links.indexOf(link), 0));
  stage.focus();
}
