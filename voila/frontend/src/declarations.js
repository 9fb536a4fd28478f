/* What a declaration that nobody has checked may say, whether a layout of a kernel's or an author's inline style, and
   what classes a widget may wear. The stills are drawn by the same rules, in Python: site/blog/convert/layouts.py,
   widget_html.py and stills.py; tests/repo/test_frontend.py holds the two together. */

export const PROPERTIES = new Set(`align-content align-items align-self background background-color border
  border-bottom border-collapse border-color border-left border-radius border-right border-spacing border-style
  border-top border-width color column-gap display flex flex-basis flex-direction flex-flow flex-grow flex-shrink
  flex-wrap float font font-family font-size font-style font-variant font-weight gap grid-gap grid-template-columns
  grid-template-rows height justify-content justify-items letter-spacing line-height list-style-type margin
  margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width opacity overflow
  overflow-x overflow-y padding padding-bottom padding-left padding-right padding-top row-gap text-align
  text-decoration text-indent text-transform vertical-align white-space width word-break word-spacing`.split(/\s+/));

const MAX_LENGTH = 400;
const FUNCTIONS = "calc|min|max|clamp|minmax|repeat|fit-content|var|rgba?|hsla?|hwb|lab|lch|oklab|oklch|color-mix|light-dark";
const SPACE = String.raw`[ \t\n\r\f\v]`;
const TOKEN = new RegExp([
  `${SPACE}+`,
  String.raw`(?<open>(?:${FUNCTIONS})?\()`,
  String.raw`(?<close>\))`,
  String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[a-zA-Z]{1,5}|%)?(?![\w.])`,
  String.raw`#[0-9a-fA-F]{3,8}(?!\w)`,
  String.raw`-{0,2}[A-Za-z_][\w-]*(?!\()(?![\w-])`,
  String.raw`"[\w .-]*"|'[\w .-]*'`,
  String.raw`[,/*[\]]|[+-](?=${SPACE})`,
].join("|"), "y");
// What says how far something is from where it would be: a plain length, and none below nothing.
const PLACE = /^(?:margin(?:-.+)?|top|right|bottom|left)$/;
const NEGATIVE = /(?:^|[\s(,])-\.?\d/;
const OWN_CLASS = /^(?:my|widget|jupyter|lm|mod)-[\w-]{1,60}$/;

/** Say whether a value is made of nothing but what a layout needs, with its brackets in pairs. */
export function isSafe(value) {
  if (!value.trim() || value.length > MAX_LENGTH || value.includes("/*")) return false;
  let depth = 0;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < value.length) {
    const found = TOKEN.exec(value);
    if (!found) return false;
    depth += Boolean(found.groups.open) - Boolean(found.groups.close);
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Say whether a property may have a value: what is safe, and leaves nothing its place. */
export function fits(property, value) {
  return isSafe(value) && !(PLACE.test(property) && (value.includes("(") || NEGATIVE.test(value)));
}

/** Give the declarations of a style attribute that may be set, as pairs. */
export function ofStyle(text) {
  return text.split(";").map(declaration => {
    const [name, ...value] = declaration.split(":");
    return [name.trim().toLowerCase(), value.join(":").split(/\s+/).filter(Boolean).join(" ")];
  }).filter(([name, value]) => PROPERTIES.has(name) && fits(name, value) && !NEGATIVE.test(value));
}

/** Say whether a widget may wear a class: ipywidgets' own, and an author's, which begins with `my-`. Another could be
    one by which the site knows its own parts. */
export const mayWear = name => typeof name === "string" && OWN_CLASS.test(name);
