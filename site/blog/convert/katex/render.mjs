// Renders TeX as MathML: one JSON object a line in, one a line out, until the input ends.
// In:  {"tex": "…", "display": true, "macros": {"\\R": "\\mathbb{R}"}}
// Out: {"html": "<math …>"} or {"error": "…"}
import { createInterface } from "node:readline";
import katex from "katex";
import "katex/contrib/mhchem";

function render({ tex, display, macros }) {
  try {
    const html = katex.renderToString(tex, {
      displayMode: display,
      output: "mathml",
      throwOnError: true,
      strict: "ignore",
      trust: false,
      maxExpand: 1000,
      maxSize: 60,
      // definitions in a formula must not reach the next one
      macros: { ...macros },
      globalGroup: false,
    });
    return { html: html.replace(/^<span class="katex">/, "").replace(/<\/span>$/, "") };
  } catch (error) {
    return { error: String(error.message ?? error).replace(/^KaTeX parse error: /, "") };
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(JSON.stringify(render(JSON.parse(line))) + "\n");
}
