/* A saved figure in a frame of its own: what is to be drawn stands in the document, and the post is told when
   it is. The frame has no origin and no connection: nothing that a figure holds can reach the site. */
export async function frame(draw) {
  const place = document.getElementById("place");
  let state = "shown";
  try {
    await draw(place, JSON.parse(document.getElementById("figure").textContent));
  } catch {
    state = "failed"; // the post shows what it showed before
  }
  parent.postMessage({ figure: state }, "*"); // no origin to name, and no secret
}

/* What moves a figure by mouse alone is a button to the keyboard, too. */
export function reachable(buttons, name) {
  for (const button of buttons) {
    button.tabIndex = 0;
    button.setAttribute("role", "button");
    button.setAttribute("aria-label", name(button));
    button.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    });
  }
}
