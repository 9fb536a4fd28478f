/* Values of a widget's keys as they travel: each key with the binary values inside it, so that the newest
   value of a key can take the place of an older one. */
import { bytes } from "./wire.js";

/** Take an update apart: a map from each key to `{value, parts}`, parts being `[path, buffer]`. */
export function apart({ state, buffer_paths: paths = [] }, buffers = []) {
  const values = new Map();
  for (const [key, value] of Object.entries(state)) values.set(key, { value, parts: [] });
  paths.forEach(([key, ...path], place) => {
    // Where all of a key is binary, the state is without it.
    if (!values.has(key)) values.set(key, { value: undefined, parts: [] });
    // A copy: the widget may go on writing into its own.
    values.get(key).parts.push([path, bytes(buffers[place]).slice()]);
  });
  return values;
}

/** Put an update together: `{data, buffers}` of a message. */
export function together(values) {
  const data = { method: "update", state: {}, buffer_paths: [] };
  const buffers = [];
  for (const [key, { value, parts }] of values) {
    if (value !== undefined) data.state[key] = value;
    for (const [path, buffer] of parts) {
      data.buffer_paths.push([key, ...path]);
      buffers.push(buffer);
    }
  }
  return { data, buffers };
}
