/* A Bokeh figure, from the documents that its notebook's script held. Models that its own file doesn't have (widgets,
   tables) make it fail, and its page shows what it showed before. */
import { frame } from "./frame.js";

const { Bokeh } = globalThis; // build.mjs puts it before this module

/* A frame may save no file and open no other site. */
const GONE = new Set(["SaveTool", "HelpTool"]);
function tidy(value) {
  if (Array.isArray(value)) return value.filter(one => !GONE.has(one?.name)).map(tidy);
  if (value === null || typeof value !== "object") return value;
  const own = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, tidy(one)]));
  return own.name === "Toolbar" ? { ...own, attributes: { ...own.attributes, logo: null } } : own;
}

frame(async (place, { documents, items }) => {
  Bokeh.logger.set_level("off"); // a figure may be older than the library, which would complain
  for (const { roots } of items) {
    for (const id of Object.values(roots)) place.append(Object.assign(document.createElement("div"), { id }));
  }
  await Bokeh.embed.embed_items(tidy(documents), items);
});
