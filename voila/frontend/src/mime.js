/* One output as an element, in the richest of its forms that can be shown. */
import { fill } from "./sanitize.js";

const VIEW = "application/vnd.jupyter.widget-view+json";
const PICTURES = ["image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];
// What terminals take for colours and moves.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** Give `{element, attached}`; `attached()` is to be called once the element is on the page. */
export async function element(output, manager) {
  if (output.output_type === "stream") return { element: text(output.text, output.name === "stderr" ? "stderr" : "stdout") };
  if (output.output_type === "error") return { element: text(`${output.ename}: ${output.evalue}`, "error") };
  const data = output.data ?? {};
  if (data[VIEW]) {
    const box = document.createElement("div");
    return { element: box, attached: () => manager.show(data[VIEW].model_id, box).catch(() => box.append(data["text/plain"] ?? "")) };
  }
  const picture = PICTURES.find(type => data[type]);
  if (picture) return { element: await image(picture, joined(data[picture]), output.metadata?.[picture], data["text/plain"]) };
  if (data["text/html"]) {
    const box = document.createElement("div");
    box.className = "live-html";
    fill(box, joined(data["text/html"]));
    return { element: box };
  }
  if (data["text/latex"]) {
    const box = document.createElement("div");
    box.textContent = joined(data["text/latex"]);
    manager._rendermime.latexTypesetter.typeset(box);
    return { element: box };
  }
  return { element: text(joined(data["text/plain"] ?? ""), "stdout") };
}

function text(value, kind) {
  const box = document.createElement("pre");
  box.className = `live-text ${kind}`;
  box.textContent = joined(value).replace(ESCAPES, "").replace(/^.*\r(?!\n)/gm, "");
  return box;
}

/** Its bytes are read before it takes the place of another, so that nothing flickers. */
async function image(type, value, metadata, words) {
  const picture = new Image();
  const [width, height] = [metadata?.width, metadata?.height].map(Number);
  if (width > 0) picture.width = width;
  if (height > 0) picture.height = height;
  // As a picture an SVG runs no scripts and fetches nothing.
  picture.src = type === "image/svg+xml" ? `data:${type},${encodeURIComponent(value)}` : `data:${type};base64,${value.replace(/\s/g, "")}`;
  const alt = metadata?.alt ?? words ?? "";
  if (!/^<.*>$/s.test(joined(alt).trim())) picture.alt = joined(alt);
  await picture.decode().catch(() => {});
  return picture;
}

const joined = value => (Array.isArray(value) ? value.join("") : String(value));
