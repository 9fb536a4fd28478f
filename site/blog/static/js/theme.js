/* The reader's choice of theme, before the first paint: a classic script in the head, nothing else in it.
   A page without a choice follows the system. app.js makes the choice and tells it by the event below;
   another tab's choice, and a live frame's, arrives as a storage event. */
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
  try { apply(localStorage.getItem("theme")); } catch { /* storage is forbidden: follow the system */ }
  addEventListener("storage", (event) => { if (event.key === "theme" || event.key === null) apply(event.newValue); });
  root.addEventListener("themechoice", (event) => apply(event.detail));
})();
