/* Mathematics in labels and descriptions: KaTeX is fetched where a text holds some. */

const MARKS = /\$[^$]+\$|\\\(|\\\[|\\begin\{/;

const setting = new Set(); // what is being set

/** Wait until all formulas that were asked for are set. */
export const formulas = () => Promise.allSettled(setting);

/** What ipywidgets asks to set the mathematics in an element. */
export const typesetter = {
  typeset(element) {
    if (!MARKS.test(element.textContent)) return;
    // Where KaTeX can't be had, the text stays as it was written.
    const set = import("./katex.js").then(({ render }) => render(element), () => {}).finally(() => setting.delete(set));
    setting.add(set);
  },
};
