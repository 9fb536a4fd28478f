/* Enhancements only: every page reads without this file. */

/* The switch between the themes. Going back to what the system asks for is no choice any more, so the
   page follows the system again. Browsers without light-dark() have one theme and get no switch. */
const root = document.documentElement;
const button = document.querySelector("[data-theme-toggle]");
if (button && CSS.supports("color", "light-dark(#000, #fff)")) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const wanted = () => (system.matches ? "dark" : "light");
  const shown = () => root.dataset.theme ?? wanted();
  const other = () => (shown() === "dark" ? "light" : "dark");
  const say = () => button.setAttribute("aria-label", `Switch to the ${other()} theme`);
  button.addEventListener("click", () => {
    const choice = other() === wanted() ? null : other();
    try {
      if (choice) localStorage.setItem("theme", choice);
      else localStorage.removeItem("theme");
    } catch { /* storage is forbidden: the choice lasts as long as the page */ }
    root.dispatchEvent(new CustomEvent("themechoice", { detail: choice }));
    say();
  });
  system.addEventListener("change", say);
  addEventListener("storage", say);
  button.hidden = false;
  say();
}

/* Lines of code are numbered where the reader wants it: one choice for all code of the site, kept in this browser
   and nowhere else. The stylesheet counts, so a number is never copied with the text. */
function numbering(box) {
  if (box.querySelectorAll("code > .l").length < 2) return [];
  const numbers = document.createElement("button");
  Object.assign(numbers, { type: "button", className: "lines", textContent: "Line numbers" });
  numbers.addEventListener("click", () => {
    const on = root.toggleAttribute("data-lines");
    try {
      if (on) localStorage.setItem("lines", "on");
      else localStorage.removeItem("lines");
    } catch { /* storage is forbidden: the choice lasts as long as the page */ }
    sayNumbers();
  });
  return [numbers];
}
function sayNumbers() {
  for (const button of document.querySelectorAll(".lines")) button.setAttribute("aria-pressed", root.hasAttribute("data-lines"));
}
addEventListener("storage", sayNumbers);

/* Copy buttons are made here, so that without scripts no dead button stands there. */
for (const box of document.querySelectorAll("[data-copy]")) {
  const copy = document.createElement("button");
  Object.assign(copy, { type: "button", className: "copy", textContent: "Copy" });
  const said = document.createElement("span");
  said.className = "sr";
  said.setAttribute("role", "status");
  copy.addEventListener("click", async () => {
    const source = box.querySelector("[data-copy-text], pre");
    try {
      await navigator.clipboard.writeText(source.textContent.trimEnd());
      copy.textContent = said.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      copy.textContent = said.textContent = "Selected, press Ctrl+C";
    }
    setTimeout(() => { copy.textContent = "Copy"; said.textContent = ""; }, 1600);
  });
  const tools = document.createElement("div");
  tools.className = "tools";
  tools.append(...numbering(box), copy, said);
  box.append(tools);
}
sayNumbers();

/* An animation plays in the place of its still; without this file the link opens it. */
for (const link of document.querySelectorAll(".film > .play")) {
  const image = link.parentElement.querySelector("img");
  const still = image.src;
  const film = link.href;
  const name = link.getAttribute("aria-label");
  const button = document.createElement("button");
  const show = (plays) => {
    image.src = plays ? film : still;
    button.textContent = plays ? "Stop" : "Play";
    button.setAttribute("aria-label", plays ? name.replace(/^Play/, "Stop") : name);
    button.classList.toggle("on", plays);
  };
  Object.assign(button, { type: "button", className: "play" });
  button.addEventListener("click", () => show(!button.classList.contains("on")));
  show(false);
  link.replaceWith(button);
}

/* The contents in the margin are marked where the reader is: the last heading above the window's
   upper third. */
const contents = document.querySelector(".toc-margin");
if (contents) {
  const links = [...contents.querySelectorAll("a")];
  const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  let asked = false;
  const mark = () => {
    asked = false;
    let here = -1;
    headings.forEach((heading, at) => {
      if (heading && heading.getBoundingClientRect().top < innerHeight * 0.3) here = at;
    });
    links.forEach((link, at) => {
      if (at === here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(mark);
  }, { passive: true });
  mark();
}

/* Cards of citations are the stylesheet's; Escape puts them away until another one is asked for. */
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !document.querySelector(".cited:is(:hover, :focus-within)")) return;
  root.dataset.cards = "off";
  const again = new AbortController();
  for (const type of ["pointerover", "focusin"]) {
    addEventListener(type, ({ target }) => {
      if (!target.closest?.(".cite")) return;
      delete root.dataset.cards;
      again.abort();
    }, { signal: again.signal });
  }
});

/* A phone's contents fold again once a section was chosen. */
document.querySelector(".toc details")?.addEventListener("click", (event) => {
  if (event.target.closest("a")) event.currentTarget.open = false;
});

/* A slash goes to the search, unless something is being written. It is switched off on the search's page. */
addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  if (key !== "/" || ctrlKey || metaKey || altKey || event.defaultPrevented) return;
  if (target.closest?.("input, textarea, select, live-cell") || target.isContentEditable) return;
  try { if (localStorage.getItem("slash") === "off") return; } catch { /* it can't have been switched off */ }
  event.preventDefault();
  const field = document.querySelector("[data-search] input");
  if (field) field.select();
  else location.assign(document.querySelector("[data-to-search]").href);
});

/* A picture of a figure opens large in its place. What does that is fetched at the first press; where it can't
   be had, or the reader asks for another tab, the link leads to the picture's file as it does without scripts. */
for (const link of document.querySelectorAll("a.enlarge")) link.setAttribute("aria-haspopup", "dialog");
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a.enlarge");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  try {
    await (await import("./figure-viewer.js")).open(link);
  } catch {
    location.assign(link.href);
  }
});

if (document.querySelector("[data-compare]")) import("./compare.js");
if (document.querySelector("live-cell")) import("./live-cell.js");
if (document.querySelector("[data-frame]")) import("./frames.js");
