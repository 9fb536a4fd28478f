/* The page around the frame, where there is one on the same site: its look is taken, and it is told
   the state, the number of results shown, and the height. */

const around = (() => {
  try {
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null; // another site's page; the server forbids that too
  }
})();

/** There is no page around. */
export const alone = !around;

let last = null;

/** Tell the page around: `state` is live, queued, ended or failed. */
export function tell(state, { runs = last?.runs ?? 0, message = "", retry = 0, reason = "" } = {}) {
  last = { type: "live-cell", state, runs, message, retry, reason, height: height() };
  if (around) around.postMessage(last, location.origin);
  else if (state === "ended") note(message);
}

/** A page on its own has nobody to say it; its address is that of the start page. */
function note(message) {
  const again = Object.assign(document.createElement("a"), { href: location.href, textContent: "Start again" });
  const text = document.createElement("p");
  text.append(`${message} `, again);
  const box = Object.assign(document.createElement("div"), { className: "live-page", role: "alert" });
  box.append(text);
  content.before(box);
}

let content = null;
const height = () => Math.ceil(content.getBoundingClientRect().height);

/** Take the look of the page around, and tell it whenever `element` changes its height. */
export function embed(element) {
  content = element;
  if (!around) return;
  document.documentElement.dataset.liveEmbedded = "";
  // The site's own stylesheets bring its fonts, its tokens, and its tables.
  const styles = [...around.document.querySelectorAll('link[rel="stylesheet"]')].map(link => {
    const copy = document.createElement("link");
    copy.rel = "stylesheet";
    copy.href = link.href;
    return copy;
  });
  document.head.append(...styles);
  const theme = () => {
    const chosen = around.document.documentElement.dataset.theme;
    if (chosen) document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
  };
  theme();
  new MutationObserver(theme).observe(around.document.documentElement, { attributeFilter: ["data-theme"] });
  new ResizeObserver(() => {
    if (last && last.height !== height()) around.postMessage((last = { ...last, height: height() }), location.origin);
  }).observe(element);
}
