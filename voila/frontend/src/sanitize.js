/* HTML from kernels: what it may hold is listed here, and DOMPurify enforces it (docs/adr/0012-hydration.md). */
import DOMPurify from "dompurify";
import { style } from "./styles.js";

const TAGS = `a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup data dd
  del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark
  meter ol p pre progress q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th
  thead time tr tt u ul var wbr`.split(/\s+/);
const INLINE_TAGS = "a abbr b br code em i img li ol span strong sub sup ul".split(" ");
const ATTRIBUTES = `align alt border cellpadding cellspacing cite class color colspan datetime dir height high href lang
  low max min open optimum reversed role rowspan scope size span src start style title type valign value
  width`.split(/\s+/);
// Those that an author may use on a page; others would put on the looks of the site's own parts.
const CLASSES = new Set(`dataframe plate plates stack four wide roi warn caution tip important label meta only-light
  only-dark lede ta-l ta-c ta-r`.split(/\s+/));
const LINKS = /^(?:https?:|mailto:|tel:|[#/?.]|[^:]*$)/i;
const PICTURES = /^data:image\/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]/i;
const HELD = "data-held-style"; // where a style waits until the element is where it stays

const OPTIONS = {
  ALLOWED_ATTR: [...ATTRIBUTES, HELD],
  ADD_URI_SAFE_ATTR: [HELD], // "color: red" is no address
  ALLOW_ARIA_ATTR: true,
  ALLOW_DATA_ATTR: false,
  ALLOWED_NAMESPACES: ["http://www.w3.org/1999/xhtml"],
  FORBID_CONTENTS: `button datalist iframe math noembed noframes noscript object option script select style svg template
    textarea title xmp`.split(/\s+/),
};

const purifier = DOMPurify(window);

purifier.addHook("uponSanitizeAttribute", (element, data) => {
  const { attrName: name, attrValue: value } = data;
  if (name === "style") {
    data.keepAttr = false;
    element.setAttribute(HELD, value);
  } else if (name === "class") {
    data.attrValue = value.split(/\s+/).filter(word => CLASSES.has(word)).join(" ");
    data.keepAttr = data.attrValue !== "";
  } else if (name === "src") {
    data.keepAttr = PICTURES.test(value.trim()) || isOwn(value);
  } else if (name === "href") {
    data.keepAttr = LINKS.test(value.trim());
  }
});

purifier.addHook("afterSanitizeAttributes", element => {
  if (element.localName === "a" && element.hasAttribute("href")) element.setAttribute("rel", "noopener noreferrer nofollow");
});

/** Put aside what the page's policy would report already while the text is read: style attributes wait under another
    name, style elements go. What comes of it is sanitised like anything else, so nothing depends on this for safety. */
function quiet(html) {
  return String(html)
    .replace(/<style\b[^]*?<\/style\s*>/gi, "")
    .replace(/<[a-z][^<>]*>/gi, tag => tag.replace(/"[^"]*"|'[^']*'|(?<![\w-])style(?=\s*=)/gi,
      found => (/^style$/i.test(found) ? HELD : found)));
}

/** Put HTML into an element in the place of what is there. */
export function fill(element, html) {
  element.replaceChildren(purifier.sanitize(quiet(html), { ...OPTIONS, ALLOWED_TAGS: TAGS, RETURN_DOM_FRAGMENT: true }));
  dress(element);
}

/** Give the HTML of a description as text; once it is on the page, it is to be dressed. */
export function inline(html) {
  return purifier.sanitize(quiet(html), { ...OPTIONS, ALLOWED_TAGS: INLINE_TAGS });
}

/** Set the styles that wait in an element. */
export function dress(element) {
  for (const one of element.querySelectorAll(`[${HELD}]`)) {
    style(one, one.getAttribute(HELD));
    one.removeAttribute(HELD);
  }
}

function isOwn(url) {
  try {
    const found = new URL(url, document.baseURI);
    return found.origin === location.origin && found.pathname.startsWith("/static/");
  } catch {
    return false;
  }
}
