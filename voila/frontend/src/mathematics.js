/* Mathematics in labels and descriptions: KaTeX is fetched where a text holds some. */

const MARKS = /\$[^$]+\$|\\\(|\\\[|\\begin\{/;

/** What ipywidgets asks to set the mathematics in an element. */
export const typesetter = {
  typeset(element) {
    if (!MARKS.test(element.textContent)) return;
    import("./katex.js").then(({ render }) => render(element), () => {}); // the text stays as it was written
  },
};
