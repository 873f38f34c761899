import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { placementKey, placeTask } from "./place-task.ts";
import type { Placement, PlacementRequest } from "./place-task.ts";
import { buildFacts, buildNode as node, buildWorker as worker } from "./placement-fixture.ts";
import type { NodeEstimate } from "./placement-facts.ts";
import type { BuiltNode } from "./placement-fixture.ts";

const story: PlacementRequest = { model: "hello-bee", mayWait: true };

function place(request: Partial<PlacementRequest>, ...nodes: BuiltNode[]) {
  return placeTask({ ...story, ...request }, buildFacts({ nodes }));
}

function whereTo(placement: Placement): string {
  return placement.kind === "spawn" ? `spawn on ${placement.node}` : placement.kind;
}

describe("placing a task", () => {
  it("refuses a node that nobody knows", () => {
    assert.deepEqual(place({ node: "mac" }, node()), {
      kind: "refuse",
      refusal: { code: "NODE_NOT_FOUND", details: { node: "mac" } },
    });
  });

  it("uses the matching worker with the most free slots", () => {
    const full = worker({ id: "w1", slotsFree: 1, state: "busy" });
    const free = worker({ id: "w2", slotsFree: 3 });
    const placement = place({}, node({ workers: [full, free] }));
    assert.equal(placement.kind === "use" && placement.worker.id, "w2");
  });

  it("keeps to the node, backend, device and context that were asked for", () => {
    const workers = [worker()];
    for (const wish of [
      { backend: "cuda" },
      { device: 1 },
      { context: 4096 },
      { model: "other" },
    ]) {
      assert.equal(
        place(wish, node({ workers, backends: null })).kind,
        "spawn",
        JSON.stringify(wish),
      );
    }
    const elsewhere = place({ node: "mac" }, node({ workers }), node({ name: "mac" }));
    assert.equal(whereTo(elsewhere), "spawn on mac");
    const fitting = place({ backend: "cpu", device: 0, context: 2048 }, node({ workers }));
    assert.equal(fitting.kind, "use");
  });

  it("uses a worker that was made for the request though it has less context", () => {
    const request = { ...story, context: 100_000 };
    const made = worker({ madeFor: new Set([placementKey(request)]) });
    assert.equal(place(request, node({ workers: [made] })).kind, "use");
  });

  it("waits when every worker that could take it is busy", () => {
    const workers = [worker({ slotsFree: 0, state: "busy" })];
    assert.deepEqual(place({}, node({ workers })), { kind: "wait", for: "slot" });
  });

  it("waits for a trusted worker rather than to use one that fails, unless there is none", () => {
    const failing = worker({ id: "w2", weight: 0.0625 });
    const busy = worker({ slotsFree: 0, state: "busy" });
    assert.deepEqual(place({}, node({ workers: [failing, busy] })), { kind: "wait", for: "slot" });
    assert.equal(place({}, node({ workers: [failing] })).kind, "use");
    const shaky = worker({ id: "w3", weight: 0.25, slotsFree: 4 });
    const placement = place({}, node({ workers: [shaky, worker({ slotsFree: 2 })] }));
    assert.equal(placement.kind === "use" && placement.worker.id, "w1");
  });

  it("refuses with slot counts what may not wait", () => {
    const workers = [
      worker({ slotsFree: 0, slotsTotal: 1 }),
      worker({ id: "w2", slotsFree: 0, slotsTotal: 2 }),
    ];
    assert.deepEqual(place({ mayWait: false }, node({ workers })), {
      kind: "refuse",
      refusal: {
        code: "ALL_SLOTS_BUSY",
        details: { slots_total: 3, slots_busy: 3, model: "hello-bee" },
      },
    });
  });

  it("spawns beside workers that are not ready or on their way out", () => {
    for (const state of ["starting", "loading", "draining", "stopped", "error"] as const) {
      const placement = place({}, node({ workers: [worker({ state })] }));
      assert.equal(whereTo(placement), "spawn on localhost", state);
    }
  });

  it("spawns where the model comes up, then where somebody answers, then where memory is", () => {
    const bare = node({ status: "unreachable", memoryFreeBytes: 9000 });
    const small = node({ name: "b", memoryFreeBytes: 1000 });
    const large = node({ name: "c", memoryFreeBytes: 5000 });
    const loading = worker({ node: "d", state: "loading" });
    const comingUp = node({ name: "d", memoryFreeBytes: 500, workers: [loading] });
    assert.equal(whereTo(place({}, bare, small, large, comingUp)), "spawn on d");
    assert.equal(whereTo(place({}, bare, small, large)), "spawn on c");
    assert.equal(whereTo(place({}, bare)), "spawn on localhost");
  });

  it("goes to a machine that is not heard only when that one is asked for", () => {
    const here = node({ status: "unknown" });
    const away = node({ name: "a", status: "unreachable", memoryFreeBytes: 9000 });
    const never = node({ name: "b", status: "unknown", memoryFreeBytes: 9000 });
    assert.equal(whereTo(place({}, away, never, here)), "spawn on localhost");
    for (const name of ["a", "b"]) {
      assert.equal(whereTo(place({ node: name }, away, never, here)), `spawn on ${name}`);
    }
  });

  it("refuses with the reason of the first node when none has the backend", () => {
    const placement = place({ backend: "cuda" }, node({ name: "a" }), node({ name: "b" }));
    const details = { backend: "cuda", available: ["cpu"], node: "a" };
    assert.deepEqual(placement, {
      kind: "refuse",
      refusal: { code: "BACKEND_UNAVAILABLE", details },
    });
  });

  it("refuses with the figures of the node that lacks least", () => {
    const shortOf = (shortMb: number): NodeEstimate => {
      const details = { model: "hello-bee", required: 900 + shortMb, available: 900 };
      const places = [{ pool: "ram", availableMb: 900, shortMb }];
      return { verdict: "short", refusal: { code: "INSUFFICIENT_RAM", details }, places };
    };
    const nodes = [node({ name: "a" }), node({ name: "b" }), node({ name: "c" })];
    const estimates = { a: shortOf(50), b: shortOf(10), c: shortOf(20) };
    const placement = placeTask(story, buildFacts({ nodes, estimates }));
    assert.ok(placement.kind === "refuse" && placement.refusal.code === "INSUFFICIENT_RAM");
    assert.equal(placement.refusal.details.required, 910);
  });
});
