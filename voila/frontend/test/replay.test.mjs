import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../src/outbox.js";
import { Replay } from "../src/replay.js";

const update = (widget, state, id = widget, paths = [], buffers = []) => ({
  id, type: "comm_msg", content: { comm_id: widget, data: { method: "update", state, buffer_paths: paths } }, buffers,
});
const press = (widget, id) => ({ id, type: "comm_msg", content: { comm_id: widget, data: { method: "custom", content: {} } }, buffers: [] });

test("the newest value of each key, the last change last", () => {
  const replay = new Replay();
  for (const [widget, state] of [["a", { x: 1, y: 1 }], ["b", { x: 2 }], ["a", { x: 3 }]]) replay.note(widget, { state }, []);
  assert.deepEqual(replay.updates().map(([widget, { data }]) => [widget, data.state]), [["b", { x: 2 }], ["a", { x: 3, y: 1 }]]);
  assert.ok(replay.has("a", "y") && !replay.has("a", "z"));
  assert.deepEqual(replay.newest("a", ["x"]).data.state, { x: 3 });
});

test("binary values go with their keys, and are copied", () => {
  const replay = new Replay();
  const bytes = new Uint8Array([1, 2]);
  replay.note("a", { state: { f: [null] }, buffer_paths: [["f", 0], ["g"]] }, [bytes, bytes]);
  bytes[0] = 9;
  replay.note("a", { state: { g: "text" } }, []);
  const [[, { data, buffers }]] = replay.updates();
  assert.deepEqual(data, { method: "update", state: { f: [null], g: "text" }, buffer_paths: [["f", 0]] });
  assert.deepEqual([...buffers[0]], [1, 2]);
});

test("what an Output says of itself isn't replayed, nor a widget that has gone", () => {
  const replay = new Replay();
  replay.never("out");
  replay.note("out", { state: { outputs: [] } }, []);
  replay.note("a", { state: { x: 1 } }, []);
  replay.forget("a");
  assert.deepEqual(replay.updates(), []);
});

test("a press can't be replayed; what views say when they are built can", () => {
  const replay = new Replay();
  replay.said("built", true);
  assert.ok(!replay.isPartial);
  replay.said("pressed", false);
  assert.ok(replay.isPartial);
  assert.deepEqual(replay.opening, ["built"]);
  replay.begun();
  assert.ok(!replay.isPartial);
});

test("while a message waits, later values take the place of earlier ones", () => {
  const outbox = new Outbox();
  assert.equal(outbox.add(update("a", { x: 1 }, "first")), "first");
  outbox.add(update("b", { x: 1 }, "other"));
  assert.equal(outbox.add(update("a", { x: 2, y: 3 }, "second")), "first");
  assert.deepEqual(outbox.take().map(({ id, content }) => [id, content.data.state]), [["first", { x: 2, y: 3 }], ["other", { x: 1 }]]);
  assert.ok(outbox.isEmpty);
});

test("but not that of one before a press", () => {
  const outbox = new Outbox();
  outbox.add(update("a", { x: 1 }, "before"));
  outbox.add(press("button", "press"));
  outbox.add(update("a", { x: 2 }, "after"));
  assert.deepEqual(outbox.take("a").map(({ id }) => id), ["before", "after"]);
  assert.deepEqual(outbox.take().map(({ id }) => id), ["press"]);
});
