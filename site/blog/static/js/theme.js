/* The reader's choices, before the first paint so that nothing moves: a classic script in the head, nothing else
   in it. A page without a choice of theme follows the system, and numbers no lines. app.js makes the choices and
   tells that of the theme by the event below; another tab's, and a live frame's, arrives as a storage event. */
(() => {
  const root = document.documentElement;
  const apply = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
    /* the browser's own bar: the chosen colour always counts, the other never */
    for (const meta of document.querySelectorAll('meta[name="theme-color"][data-for]')) {
      const own = meta.dataset.for;
      meta.media = root.dataset.theme
        ? (own === choice ? "all" : "not all")
        : `(prefers-color-scheme: ${own})`;
    }
  };
  const number = (choice) => root.toggleAttribute("data-lines", choice === "on");
  try {
    apply(localStorage.getItem("theme"));
    number(localStorage.getItem("lines"));
  } catch { /* storage is forbidden: follow the system */ }
  addEventListener("storage", (event) => { if (event.key === "lines" || event.key === null) number(event.newValue); });
  addEventListener("storage", (event) => { if (event.key === "theme" || event.key === null) apply(event.newValue); });
  root.addEventListener("themechoice", (event) => apply(event.detail));
})();
