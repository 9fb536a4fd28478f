/* Bundles the live cells' front end into dist/, or `--out FOLDER`; with `--sizes` a table of what it weighs.
   `--cell MODULE` is the page's own, which imports live.js when a reader comes near: cell.js, one request for all it
   is made of.
   The same sources give the same bytes. */
import * as esbuild from "esbuild";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const option = name => {
  const given = process.argv.indexOf(name);
  return given > 0 ? resolve(process.argv[given + 1]) : null;
};
const out = option("--out") ?? join(here, "dist");
const cell = option("--cell");

/* What is put in the place of a package, and why, is said in each of the files. */
const INSTEAD = {
  "sanitize-html": join(here, "src/instead/sanitize-html.js"),
  jquery: join(here, "src/instead/jquery.js"),
};
const instead = {
  name: "instead",
  setup(build) {
    build.onResolve({ filter: /^(sanitize-html|jquery)$/ }, ({ path }) => ({ path: INSTEAD[path] }));
    // What comes later is an entry of its own, and shares nothing with the first: one request for each.
    build.onResolve({ filter: /^\.\// }, ({ path, kind }) => (kind === "dynamic-import" ? { path, external: true } : null));
  },
};

const COMMON = {
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  minify: true,
  target: ["chrome111", "firefox115", "safari16.4"],
  legalComments: "none", // they are in NOTICES.txt
  metafile: true,
  logLevel: "warning",
  loader: { ".svg": "dataurl" },
};

/* What packages are in the bundle; each has a licence that asks to be named. */
function notices(inputs) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const found = input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
    if (found) folders.add(found[1]);
  }
  return [...folders].sort().map(folder => {
    const { name, version, license, author } = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
    const file = readdirSync(join(here, folder)).find(one => /^licen[cs]e/i.test(one));
    const by = typeof author === "string" ? author : author?.name ?? "";
    const text = file && existsSync(join(here, folder, file)) ? readFileSync(join(here, folder, file), "utf8").trim() : by;
    return `${name} ${version} (${license})\n\n${text}\n`;
  }).join(`\n${"-".repeat(70)}\n\n`);
}

const size = file => {
  const raw = readFileSync(file);
  const brotli = brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  return { file: basename(file), raw: raw.length, brotli: brotli.length };
};

rmSync(out, { recursive: true, force: true });
const scripts = await esbuild.build({
  ...COMMON,
  entryPoints: { live: "src/live.js", katex: "src/katex.js", federation: "src/federation.js" },
  format: "esm",
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
  plugins: [instead],
});
if (cell) {
  const apart = {
    name: "apart",
    setup: build => build.onResolve({ filter: /\/live\/live\.js$/ }, () => ({ path: "./live.js", external: true })),
  };
  await esbuild.build({ ...COMMON, entryPoints: { cell }, format: "esm", plugins: [apart] });
}
/* Saved figures of the static pages: each is one classic script, since a frame without an origin may import none. */
const BOKEH = "node_modules/@bokeh/bokehjs/build/js/bokeh.min.js";
const frame = (names, banner = "") => esbuild.build({
  ...COMMON,
  entryPoints: Object.fromEntries(names.map(name => [`frame-${name}`, `src/frames/${name}.js`])),
  format: "iife",
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
  banner: { js: banner },
});
const frames = await frame(["plotly-basic", "plotly-cartesian", "vega"]);
// As it comes: it knows its models by the names of their classes, which a bundler changes.
await frame(["bokeh"], readFileSync(join(here, BOKEH), "utf8").replace(/^\/\/# sourceMappingURL.*$/m, ""));
const styles = await esbuild.build({ ...COMMON, entryPoints: { live: "src/live.css" } });
writeFileSync(join(out, "NOTICES.txt"), notices({ ...scripts.metafile.inputs, ...frames.metafile.inputs, [BOKEH]: {}, ...styles.metafile.inputs }));

if (process.argv.includes("--sizes")) console.table(readdirSync(out).map(name => size(join(out, name))));
