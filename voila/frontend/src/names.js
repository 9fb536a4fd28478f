/* Names for what ipywidgets leaves without one: a slider's thumb is heard as "slider" and no more, and a
   picture not at all. */

/** Name what is below `element`, now and whenever widgets come; `saved` are the words for its pictures. */
export function nameControls(element, saved) {
  const name = () => {
    for (const [place, picture] of [...element.querySelectorAll("img:not([data-own-words])")].entries()) {
      const words = saved[place] ?? saved.at(-1);
      if (!picture.alt && words) picture.alt = `${words} (it follows the controls)`;
    }
    for (const thumb of element.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const label = thumb.closest(".widget-slider")?.querySelector("label")?.textContent.trim();
      const edge = thumb.closest(".noUi-base").querySelectorAll(".noUi-handle").length < 2 ? ""
        : thumb.classList.contains("noUi-handle-lower") ? ", from" : ", to";
      thumb.setAttribute("aria-label", (label || "Value") + edge);
    }
    // A description without a tooltip gets the word "null" as one.
    for (const label of element.querySelectorAll('[title="null"]')) label.removeAttribute("title");
  };
  new MutationObserver(name).observe(element, { childList: true, subtree: true });
  name();
}
