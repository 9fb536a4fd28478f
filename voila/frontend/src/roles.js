/* What ipywidgets' views say by their looks alone is said to assistive technology, too, and what they let only a
   pointer reach is reached by keyboard. */

const PLAY = { "fa-play": "Play", "fa-pause": "Pause", "fa-stop": "Stop", "fa-retweet": "Repeat" };
const DESCRIBED = ".widget-radio, .widget-toggle-buttons, .widget-colorpicker";
const HEADER = "jupyter-widget-Collapse-header";

/** Give roles, names and states to what is below `element`, now and whenever that changes. */
export function giveRoles(element) {
  const give = () => {
    const all = selector => element.querySelectorAll(selector);
    for (const header of all(`.${HEADER}`)) {
      Object.assign(header, { role: "button", tabIndex: 0 });
      header.ariaExpanded = header.parentNode.classList.contains("jupyter-widget-Collapse-open");
    }
    for (const toggle of all(":is(.widget-toggle-button, .widget-toggle-buttons .jupyter-button)")) {
      toggle.ariaPressed = toggle.classList.contains("mod-active");
    }
    for (const [selector, role] of [[".widget-radio-box", "radiogroup"], [".widget-toggle-buttons > div", "group"]]) {
      for (const group of all(selector)) Object.assign(group, { role, ariaLabel: labelled(group) || "Choice" });
    }
    for (const well of all("input[type=color]")) well.ariaLabel = `${labelled(well)} colour`.trim();
    for (const icon of all(`:is(.jupyter-button, .${HEADER}) > i.fa`)) {
      const { parentNode: button } = icon;
      const name = button.closest(".widget-play") && Object.keys(PLAY).find(one => icon.classList.contains(one));
      if (name) button.ariaLabel = PLAY[name];
      if (name || button.textContent.trim()) icon.ariaHidden = true; // a glyph would be read before the words
    }
  };
  new MutationObserver(give).observe(element, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["class"],
  });
  element.addEventListener("keydown", press);
  give();
}

const labelled = one => (
  one.closest(DESCRIBED)?.querySelector(":scope > .widget-label")?.textContent.trim() ?? "");

/** A header is pressed as a button is. */
function press(event) {
  if (!event.target.classList.contains(HEADER) || ![" ", "Enter"].includes(event.key)) return;
  event.preventDefault(); // Space would turn the page
  event.target.click();
}
