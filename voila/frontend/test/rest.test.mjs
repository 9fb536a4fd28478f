import assert from "node:assert/strict";
import { test } from "node:test";
import { closure, decode, isSameKind } from "../src/rest.js";
import { join } from "../src/wire.js";

const model = (name, state, buffers = []) => ({ model_name: name, model_module: "m", model_module_version: "1", state, buffers });

function file() {
  const whole = {
    generation: "g",
    states: {
      box: model("Box", { children: ["IPY_MODEL_slider", "IPY_MODEL_out"], layout: "IPY_MODEL_look" }),
      look: model("Layout", {}),
      slider: model("Slider", { value: 1 }),
      image: model("Image", { format: "png", inner: [{}] }, [{ path: ["value"], part: 0 }, { path: ["inner", 0, "x"], part: 1 }]),
      out: model("Output", { outputs: [{ data: { "application/vnd.jupyter.widget-view+json": { model_id: "image" } } }] }),
      other: model("Slider", {}),
    },
    cells: { one: ["box"] },
  };
  return join([JSON.stringify(whole), "abc", "de"].map(part => new TextEncoder().encode(part))).buffer;
}

test("binary values are put in their places, each with a buffer of its own", () => {
  const { states, generation, cells } = decode(file());
  assert.equal(generation, "g");
  assert.deepEqual(cells, { one: ["box"] });
  assert.equal(states.image.state.value.buffer.byteLength, 3);
  assert.equal(states.image.state.inner[0].x.buffer.byteLength, 2);
});

test("a view needs its children, their layouts and what an Output shows, and no more", () => {
  const { states } = decode(file());
  assert.deepEqual([...closure(states, ["box"])].sort(), ["box", "image", "look", "out", "slider"]);
});

test("another generation fits where all that is known is of the same kind", () => {
  const before = decode(file()).states;
  const after = decode(file()).states;
  after.more = model("Slider", {});
  assert.ok(isSameKind(before, after));
  after.slider.model_name = "Text";
  assert.ok(!isSameKind(before, after));
  delete after.slider;
  assert.ok(!isSameKind(before, after));
});
