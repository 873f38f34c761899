import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toldDevices as devices, toldWorker as worker } from "./view-fixture.ts";
import { createWorkerView } from "./worker-view.ts";
import type { ViewWorker } from "./worker-view.ts";

const now = "2026-11-23T12:00:00.000Z";

function viewWith(...workers: ViewWorker[]) {
  const view = createWorkerView(() => ["localhost"]);
  view.snapshot("localhost", { version: "0.1.0", devices, workers }, now);
  return view;
}

function freeSlots(view: ReturnType<typeof viewWith>, nowMs = 0) {
  return [...(view.facts(nowMs).nodes[0]?.workers ?? [])][0]?.slotsFree;
}

describe("the view of workers", () => {
  it("gives a slot to one task only", () => {
    const view = viewWith(worker);
    assert.equal(view.reserve(worker, "a", 0), true);
    assert.equal(view.reserve(worker, "b", 0), true);
    assert.equal(view.reserve(worker, "c", 0), false);
    view.release("a");
    assert.equal(view.reserve(worker, "c", 0), true);
  });

  it("gives a worker that failed twice at once one request at a time, until it is gone", () => {
    const view = viewWith(worker);
    for (const atMs of [0, 10]) view.noteOutcome(worker, { isFailure: true, durationMs: 1 }, atMs);
    assert.equal(freeSlots(view, 20), 1);
    assert.ok(view.weightOf(worker, 20) < 0.1);
    view.workerGone(worker);
    view.workerChanged(worker);
    assert.equal(freeSlots(view, 20), 2);
    assert.equal(view.weightOf(worker, 20), 1);
  });

  it("keeps reservations when the hive tells its workers anew", () => {
    const view = viewWith(worker);
    view.reserve(worker, "a", 0);
    view.snapshot("localhost", { version: "0.1.0", devices, workers: [worker] }, now);
    assert.equal(freeSlots(view), 1);
  });

  it("does not believe figures of a hive that are older than its own reservations", () => {
    const view = viewWith(worker);
    view.workerChanged({ ...worker, slotsAvailable: 0, state: "busy" });
    assert.equal(freeSlots(view), 2);
  });

  it("leaves a worker alone that refused, until the moment is over or a slot is told", () => {
    const view = viewWith(worker);
    view.refuse(worker, 1000);
    assert.equal(freeSlots(view, 999), 0);
    assert.equal(freeSlots(view, 1000), 2);
    view.refuse(worker, 5000);
    view.workerChanged({ ...worker, slotsAvailable: 1 });
    assert.equal(freeSlots(view, 1000), 2);
  });

  it("forgets the workers of a hive that it does not hear", () => {
    const view = viewWith(worker);
    view.lost("localhost", "the connection broke", false);
    assert.deepEqual(view.listWorkers(), []);
    assert.equal(view.findNode("localhost")?.status, "unreachable");
    assert.equal(view.reserve(worker, "a", 0), false);
  });

  it("forgets a worker that is gone, and what it was made for", () => {
    const view = viewWith(worker);
    view.madeFor(worker, '["hello-bee",null,null,100]');
    view.workerGone(worker);
    view.workerChanged(worker);
    assert.equal([...(view.facts(0).nodes[0]?.workers ?? [])][0]?.madeFor.size, 0);
  });
});
