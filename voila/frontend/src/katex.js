/* Formulas as MathML, as the pages have them: no fonts, no stylesheet, no inline styles. */
import renderMathInElement from "katex/contrib/auto-render";

const DELIMITERS = [
  { left: "$$", right: "$$", display: true },
  { left: "\\[", right: "\\]", display: true },
  { left: "\\begin{equation}", right: "\\end{equation}", display: true },
  { left: "\\begin{align}", right: "\\end{align}", display: true },
  { left: "$", right: "$", display: false },
  { left: "\\(", right: "\\)", display: false },
];

/** Set the formulas in an element; one that isn't understood stays as it was written. */
export function render(element) {
  renderMathInElement(element, {
    delimiters: DELIMITERS,
    output: "mathml",
    throwOnError: true,
    errorCallback: () => {},
    trust: false,
    strict: "ignore",
    maxSize: 20, // em
    maxExpand: 200,
  });
}
