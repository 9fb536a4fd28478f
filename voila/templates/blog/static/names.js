/* Names for what ipywidgets leaves without one: a slider's thumb is heard as "slider" and no more, and a
   picture not at all. */

/** Name the thumbs of sliders below `element`, now and whenever widgets come. */
export function nameControls(element) {
  // The saved pictures in the page around the frame are those that the widgets draw at first.
  const cell = window.frameElement?.closest("live-cell");
  const saved = [...(cell?.querySelectorAll(".live-stage img") ?? [])].map(picture => picture.alt);
  const name = () => {
    for (const [place, picture] of element.querySelectorAll("img").entries()) {
      if (!picture.alt && saved[place]) picture.alt = `${saved[place]} (as saved; it follows the controls)`;
    }
    for (const thumb of element.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const label = thumb.closest(".widget-slider")?.querySelector("label")?.textContent.trim();
      const edge = thumb.closest(".noUi-base").querySelectorAll(".noUi-handle").length < 2 ? ""
        : thumb.classList.contains("noUi-handle-lower") ? ", from" : ", to";
      thumb.setAttribute("aria-label", (label || "Value") + edge);
    }
    // A description without a tooltip gets the word "null" as one.
    for (const label of element.querySelectorAll('label[title="null"]')) label.removeAttribute("title");
  };
  new MutationObserver(name).observe(element, { childList: true, subtree: true });
  name();
}
