/* Inline styles of an author's HTML: the page's policy forbids the attribute, so what is harmless in it is set by
   script. Nothing may fetch, cover what isn't its own, or leave its place. */

const ALLOWED = new RegExp(`^(?:${[
  "color", "background-color", "opacity", "font(-.+)?", "text-(align|decoration|indent|transform|overflow|wrap).*",
  "line-height", "letter-spacing", "word-spacing", "word-break", "overflow-wrap", "white-space.*", "vertical-align",
  "(min-|max-)?(width|height)", "aspect-ratio", "object-fit", "box-sizing", "padding(-.+)?", "margin(-.+)?",
  "border(-(top|right|bottom|left|block|inline|start|end).*|-(width|style|color|radius|collapse|spacing))?",
  "display", "float", "clear", "flex(-.+)?", "grid(-.+)?", "gap", "(row|column)-gap", "columns", "column-.+", "order",
  "(align|justify|place)-.+", "table-layout", "caption-side", "empty-cells", "list-style-(type|position)",
  "overflow(-[xy])?", "direction",
].join("|")})$`);
const REFUSED = /url|image|src|attr|expression|[\\@]|^-|[\s(,]-\d/i; // a margin below nothing leaves its place

/** Set on an element what is harmless in the text of a style attribute. */
export function style(element, text) {
  const { style: read } = document.createElement("span");
  read.cssText = text;
  for (const name of read) {
    const value = read.getPropertyValue(name);
    if (ALLOWED.test(name) && !REFUSED.test(value)) element.style.setProperty(name, value);
  }
}
