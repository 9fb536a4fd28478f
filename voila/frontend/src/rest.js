/* The state at rest: what the widgets of a notebook show before there is a kernel. */
import { json, owned, split } from "./wire.js";

const REFERENCE = "IPY_MODEL_";
const VIEW = "application/vnd.jupyter.widget-view+json";

/** Read the file: `{generation, states, cells}`; each state has its binary values in their places, and
    `references`, the ids of the widgets that it names. */
export function decode(buffer) {
  const [text, ...parts] = split(buffer);
  const { generation, states, cells } = json(text);
  for (const told of Object.values(states)) {
    told.references = references(told.state);
    for (const { path, part } of told.buffers ?? []) put(told.state, path, owned(parts[part]));
    delete told.buffers;
  }
  return { generation, states, cells };
}

/** Give the ids of the widgets that are shown with these: their children, layouts, links, and what an Output holds. */
export function closure(states, ids) {
  const found = new Set();
  const add = id => {
    if (found.has(id) || !Object.hasOwn(states, id)) return;
    found.add(id);
    states[id].references.forEach(add);
  };
  ids.forEach(add);
  return found;
}

/** Say whether a page that shows the one state can take over the other in place: every widget that the page
    knows is still there and of the same kind. */
export function isSameKind(before, after) {
  return Object.entries(before).every(([id, { model_name, model_module }]) =>
    after[id]?.model_name === model_name && after[id].model_module === model_module);
}

function references(value, found = new Set()) {
  if (typeof value === "string") {
    if (value.startsWith(REFERENCE)) found.add(value.slice(REFERENCE.length));
  } else if (value && typeof value === "object") {
    if (typeof value[VIEW]?.model_id === "string") found.add(value[VIEW].model_id);
    Object.values(value).forEach(one => references(one, found));
  }
  return found;
}

function put(state, path, value) {
  const last = path.at(-1);
  const holder = path.slice(0, -1).reduce((inner, key) => inner[key], state);
  holder[last] = value;
}
