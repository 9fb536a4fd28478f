import assert from "node:assert/strict";
import { test } from "node:test";
import { callbacks, said, World } from "./world.mjs";

test("nothing but a gesture starts a session", async () => {
  const world = new World();
  world.time = 10_000;
  world.set("slider", { value: 1 });
  world.press("button");
  world.session.building += 1;
  world.session.touched();
  world.press("figure");
  world.session.building -= 1;
  await world.settle();
  assert.equal(world.sockets.length, 0);
  await world.pass(1500);
  world.set("slider", { value: 2 }); // what a widget does by itself, later
  await world.settle();
  assert.equal(world.sockets.length, 0);
  assert.deepEqual(world.told, []);
});

test("the first touch: one line, with token and generation, and nothing said before the server has", async () => {
  const world = new World();
  world.session.touched();
  world.set("slider", { value: 1 });
  await world.settle();
  const { url, sent } = world.socket;
  assert.equal(url.pathname, "/live/session/posts/ring");
  assert.deepEqual([url.searchParams.get("token"), url.searchParams.get("generation")], ["token-1", "g1"]);
  world.socket.opens();
  assert.deepEqual(sent, []);
  world.socket.says({ state: "live", kernel: "k1" });
  await world.settle();
  assert.deepEqual(said(world.socket), [["slider", { value: 1 }]]);
  assert.deepEqual(world.states, ["starting", "live"]);
});

test("a finger that stays down is a gesture for as long", async () => {
  const world = new World();
  world.session.touched(true);
  await world.pass(60_000);
  world.set("slider", { value: 1 });
  await world.settle();
  assert.equal(world.sockets.length, 1);
});

test("what is set while it starts is neither lost nor doubled, and controls aren't mute", async () => {
  const world = new World();
  world.session.touched();
  const first = callbacks();
  const id = world.set("slider", { value: 1 }, first);
  await world.settle();
  assert.equal(first.count, 1);
  assert.equal(world.set("slider", { value: 2 }), id);
  world.press("button");
  world.set("other", { value: 5 });
  world.socket.says({ state: "live", kernel: "k1" });
  await world.settle();
  assert.deepEqual(said(world.socket), [["slider", { value: 2 }], ["button", { event: "click" }], ["other", { value: 5 }]]);
  assert.equal(world.socket.sent[0].header.msg_id, id);
});

test("while the kernel is at work on what had waited, later values gather", async () => {
  const world = new World();
  await world.live();
  world.set("slider", { value: 2 });
  world.set("slider", { value: 3 });
  world.set("other", { value: 1 });
  assert.deepEqual(said(world.socket), [["slider", { value: 1 }], ["other", { value: 1 }]]);
  world.socket.idle(world.socket.sent[0].header.msg_id);
  await world.settle();
  assert.deepEqual(said(world.socket).at(-1), ["slider", { value: 3 }]);
});

test("a press finds the values that were set before it", async () => {
  const world = new World();
  await world.live();
  world.set("slider", { value: 2 });
  world.press("button");
  assert.deepEqual(said(world.socket), [["slider", { value: 1 }], ["slider", { value: 2 }], ["button", { event: "click" }]]);
});

test("once live, who sends is told when the kernel is idle", async () => {
  const world = new World();
  await world.live();
  const waiting = callbacks();
  const id = world.set("other", { value: 1 }, waiting);
  await world.settle();
  assert.equal(waiting.count, 0);
  world.socket.idle(id);
  await world.settle();
  assert.equal(waiting.count, 1);
});

test("messages are handled one after the other", async () => {
  const world = new World();
  await world.live();
  const order = [];
  let release;
  world.heard.push = ({ content }) => {
    order.push(content.n);
    return content.n === 1 ? new Promise(resolve => { release = resolve; }) : undefined;
  };
  world.socket.message("stream", { n: 1 });
  world.socket.message("stream", { n: 2 });
  await world.settle();
  assert.deepEqual(order, [1]);
  release();
  await world.settle();
  assert.deepEqual(order, [1, 2]);
});

test("in line: asked again with a new token, the place shown, what was set kept", async () => {
  const world = new World();
  world.session.touched();
  world.set("slider", { value: 1 });
  await world.settle();
  world.socket.says({ state: "queued", message: "Place 2 in line.", place: 2, retry: 5 });
  await world.settle();
  assert.deepEqual(world.told.at(-1), ["queued", "inLine", "Place 2 in line."]);
  await world.pass(5000);
  assert.equal(world.socket.url.searchParams.get("token"), "token-2");
  world.socket.says({ state: "live", kernel: "k1" });
  await world.settle();
  assert.deepEqual(said(world.socket), [["slider", { value: 1 }]]);
});

test("while the notebook warms up it is said that it does, and asked again", async () => {
  const world = new World();
  world.session.touched();
  world.set("slider", { value: 1 });
  await world.settle();
  world.socket.says({ state: "queued", reason: "warming", message: "It is.", place: 0, retry: 2 });
  await world.settle();
  assert.deepEqual(world.told.at(-1), ["starting", "preparing", ""]);
  await world.pass(2000);
  world.socket.says({ state: "queued", reason: "full", message: "Place 1 in line.", place: 1, retry: 5 });
  await world.settle();
  assert.deepEqual(world.told.at(-1), ["queued", "inLine", "Place 1 in line."]);
  world.session.end();
  assert.deepEqual(world.told.at(-1).slice(0, 2), ["rest", "left"]);
});

test("the line can be left, and is left after some minutes", async () => {
  const world = new World();
  world.session.touched();
  world.press("button");
  await world.settle();
  world.socket.says({ state: "queued", message: "", place: 1, retry: 5 });
  await world.settle();
  world.session.end();
  assert.equal(world.session.state, "rest");
  await world.pass(60_000);
  assert.equal(world.sockets.length, 1);
  await world.live();
  assert.deepEqual(said(world.socket), [["slider", { value: 1 }]]); // the button isn't pressed later, unseen

  const other = new World();
  other.session.touched();
  other.set("slider", { value: 1 });
  await other.settle();
  for (let turn = 0; other.session.state !== "failed"; turn += 1) {
    assert.ok(turn < 100);
    other.socket.says({ state: "queued", message: "", place: 1, retry: 5 });
    await other.settle();
    await other.pass(5000);
  }
  assert.deepEqual(other.told.at(-1).slice(0, 2), ["failed", "patience"]);
});

test("a token that was too old: once more, and only once", async () => {
  const world = new World();
  world.session.touched();
  world.set("slider", { value: 1 });
  await world.settle();
  for (let turn = 0; turn < 2; turn += 1) {
    world.socket.says({ state: "failed", message: "Too old.", stale: true });
    await world.settle();
  }
  assert.equal(world.sockets.length, 2);
  assert.deepEqual(world.told.at(-1), ["failed", "refused", "Too old."]);
});

for (const [what, act, state, why] of [
  ["a websocket that doesn't open", world => world.socket.drops(), "failed", "blocked"],
  ["the network gone", world => { world.isOnline = false; world.socket.drops(); }, "offline", "offline"],
  ["no word within a minute", world => world.pass(60_000), "failed", "silent"],
  ["a word that isn't one", world => world.socket.onmessage({ data: "<html>" }), "failed", "refused"],
]) {
  test(`${what}: ${why}`, async () => {
    const world = new World();
    world.session.touched();
    world.set("slider", { value: 1 });
    await world.settle();
    await act(world);
    await world.settle();
    assert.deepEqual(world.told.at(-1).slice(0, 2), [state, why]);
    world.isOnline = true;
    await world.pass(2000);
    await world.live("k1", { value: 2 });
    assert.deepEqual(said(world.socket), [["slider", { value: 2 }]]);
  });
}

test("no token: as the refusal says", async () => {
  const world = new World();
  world.refusal = Object.assign(new Error(), { state: "offline" });
  world.session.start();
  await world.settle();
  assert.deepEqual(world.states, ["starting", "offline"]);
});

test("another generation: taken over, and the touch goes on", async () => {
  const world = new World();
  world.next = "g2";
  world.session.touched();
  world.set("slider", { value: 1 });
  await world.settle();
  world.socket.says({ state: "changed", generation: "g2" });
  await world.settle();
  assert.equal(world.socket.url.searchParams.get("generation"), "g2");
  world.socket.says({ state: "live", kernel: "k1" });
  await world.settle();
  assert.deepEqual(said(world.socket), [["slider", { value: 1 }]]);
});

test("another generation that doesn't fit: a line that asks", async () => {
  const world = new World();
  world.session.start();
  await world.settle();
  world.socket.says({ state: "changed", generation: "g2" });
  await world.settle();
  assert.deepEqual(world.told.at(-1).slice(0, 2), ["failed", "changed"]);
});

test("a dropped line: back to the same kernel, growing pauses, and what was lost on the way is sent again", async () => {
  const world = new World();
  await world.live();
  const name = world.socket.url.searchParams.get("session_id");
  world.socket.idle(world.socket.sent[0].header.msg_id);
  await world.settle();
  const waiting = callbacks();
  world.set("slider", { value: 2 }, waiting); // lost
  world.socket.drops();
  await world.settle();
  assert.deepEqual(world.told.at(-1).slice(0, 2), ["starting", "line"]);
  world.set("slider", { value: 3 });
  world.socket.drops();
  await world.settle();
  assert.equal(world.sockets.length, 2);
  await world.pass(100);
  assert.equal(world.sockets.length, 3);
  assert.equal(world.socket.url.pathname, "/live/api/kernels/k1/channels");
  assert.equal(world.socket.url.searchParams.get("session_id"), name);
  world.socket.opens();
  await world.settle();
  assert.equal(world.session.state, "live");
  const [first, mark] = world.socket.sent;
  assert.deepEqual(said(world.socket), [["slider", { value: 3 }], "kernel_info_request"]);
  world.socket.idle(first.header.msg_id);
  world.socket.idle(mark.header.msg_id);
  await world.settle();
  assert.deepEqual(said(world.socket).at(-1), ["slider", { value: 3 }]); // the newest, not what was lost
  assert.equal(waiting.count, 1);
  assert.deepEqual(world.restarts, []);
});

test("a press that may have been lost isn't doubled, and that is said", async () => {
  const world = new World();
  await world.live();
  world.socket.idle(world.socket.sent[0].header.msg_id);
  await world.settle();
  world.press("button");
  world.socket.drops();
  await world.settle();
  world.socket.opens();
  await world.settle();
  world.socket.idle(world.socket.sent.at(-1).header.msg_id);
  await world.settle();
  assert.deepEqual(said(world.socket), ["kernel_info_request"]);
  assert.deepEqual(world.told.at(-1).slice(0, 2), ["live", "unsure"]);
});

test("a line that stays down is given up after 30 s; the next touch starts with what was set", async () => {
  const world = new World();
  await world.live();
  world.socket.drops();
  await world.settle();
  const times = [];
  while (world.session.state === "starting") {
    assert.ok(times.length < 40);
    times.push(world.time);
    world.socket.drops();
    await world.settle();
    await world.pass(Math.max(...world.timers.map(({ at }) => at)) - world.time);
  }
  assert.ok(times.at(-1) <= 31_000 && times.length >= 8, String(times));
  assert.deepEqual(world.told.at(-1).slice(0, 2), ["ended", "lost"]);
  await world.pass(5000);
  await world.live("k2", { step: 2 });
  assert.deepEqual(said(world.socket), [["slider", { value: 1, step: 2 }]]);
  assert.deepEqual(world.restarts, [false]);
});

for (const [what, end] of [
  ["a dead kernel", world => world.socket.message("status", { execution_state: "dead" })],
  ["a line that ends with 4001", world => world.socket.drops(4001)],
]) {
  test(`${what}: the server's reason, nobody mute, and started again by the next touch`, async () => {
    const world = new World();
    await world.live();
    const waiting = callbacks();
    world.set("other", { value: 7 }, waiting);
    world.fates.k1 = [410, { reason: "memory", message: "It took too much memory." }];
    end(world);
    await world.settle();
    assert.deepEqual(world.told.at(-1), ["ended", "gone", "It took too much memory."]);
    assert.equal(waiting.count, 1);
    world.set("other", { value: 8 }); // a widget's own
    await world.settle();
    assert.equal(world.sockets.length, 1);
    await world.live("k2", { value: 9 });
    assert.deepEqual(said(world.socket), [["other", { value: 8 }], ["slider", { value: 9 }]]);
    assert.deepEqual(world.told.at(-1).slice(0, 2), ["live", "restored"]);
  });
}

test("what was pressed in a kernel that has ended is said to be gone, once", async () => {
  const world = new World();
  world.session.building += 1;
  world.press("figure", { type: "refresh" });
  world.session.building -= 1;
  await world.live();
  assert.deepEqual(said(world.socket)[0], ["figure", { type: "refresh" }]);
  world.press("button");
  world.session.end();
  assert.deepEqual(world.left, ["/live/voila/api/shutdown/k1"]);
  assert.deepEqual(world.told.at(-1).slice(0, 2), ["ended", "byReader"]);
  assert.ok(world.session.isPartial);
  await world.live("k2");
  assert.deepEqual(world.restarts, [true]);
  assert.deepEqual(world.told.at(-1).slice(0, 2), ["live", "partly"]);
  assert.deepEqual(said(world.socket), [["figure", { type: "refresh" }], ["slider", { value: 1 }]]);
  world.session.end();
  await world.live("k3");
  assert.deepEqual(world.told.at(-1).slice(0, 2), ["live", "restored"]);
});

test("a kernel that comes after the reader has left is ended", async () => {
  const world = new World();
  world.session.touched();
  world.set("slider", { value: 1 });
  world.session.end();
  await world.settle();
  assert.ok(world.sockets.every(({ closed }) => closed));
  assert.equal(world.session.state, "rest");
});

test("a line on which nothing comes is looked at: a kernel that thinks keeps it, one that is not there doesn't", async () => {
  const world = new World();
  await world.live();
  world.socket.idle(world.socket.sent[0].header.msg_id);
  await world.settle();
  world.set("slider", { value: 2 });
  await world.pass(1500);
  assert.deepEqual(world.workings, [true]);
  await world.pass(30_000);
  assert.deepEqual(world.states.at(-1), "live");
  assert.ok(world.asked.length >= 2);
  world.socket.idle(world.socket.sent.at(-1).header.msg_id);
  await world.settle();
  assert.deepEqual(world.workings, [true, false]);
  world.fates.k1 = [502, {}];
  world.set("slider", { value: 3 });
  await world.pass(13_000);
  assert.equal(world.states.at(-1), "starting");
});

test("a press that comes between finds the older value, also of a kernel that has just begun", async () => {
  const world = new World();
  world.session.touched();
  world.set("slider", { value: 1 });
  world.press("button");
  world.set("slider", { value: 2 });
  await world.settle();
  world.socket.says({ state: "live", kernel: "k1" });
  await world.settle();
  assert.deepEqual(said(world.socket), [
    ["slider", { value: 1 }], ["button", { event: "click" }], ["slider", { value: 2 }]]);
});
