import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { advanceWorker } from "./advance-worker.ts";
import type { WorkerEvent, WorkerStatus } from "./advance-worker.ts";
import { idleWorkerAt, momentAt, workerAt } from "./worker-fixture.ts";
import type { WorkerRecord } from "./worker-record.ts";

const url = "http://127.0.0.1:18001";

function status(change: Partial<WorkerStatus>): WorkerEvent {
  const fields = { slotsTotal: 4, slotsAvailable: 4, memoryBytes: 7, context: 512 };
  const told = { state: "idle" as const, lastActivityUnixMs: null, ...fields, ...change };
  return { type: "status", status: told };
}

function advanceAll(worker: WorkerRecord, events: readonly WorkerEvent[]): WorkerRecord {
  return events.reduce(
    (current, event, index) => advanceWorker(current, event, momentAt(1000 + index)).worker,
    worker,
  );
}

describe("a worker on its way up", () => {
  it("goes from starting over loading to idle", () => {
    const started = advanceAll(workerAt(0), [{ type: "process-started", pid: 4711 }]);
    assert.equal(started.state, "starting");
    assert.equal(started.pid, 4711);
    const loading = advanceAll(started, [{ type: "called-back", url, state: "loading" }]);
    assert.equal(loading.state, "loading");
    assert.equal(loading.url, url);
    assert.equal(loading.slotsAvailable, 0);
    const ready = advanceWorker(loading, { type: "model-ready" }, momentAt(2000)).worker;
    assert.equal(ready.state, "idle");
    assert.equal(ready.slotsAvailable, 4);
    assert.equal(ready.readySinceMs, 2000);
  });

  it("is ready as soon as its status says so, before its progress does", () => {
    const loading = workerAt(0, { state: "loading", url });
    const { worker } = advanceWorker(loading, status({ slotsAvailable: 4 }), momentAt(50));
    assert.equal(worker.state, "idle");
    assert.equal(worker.readySinceMs, 50);
    const again = advanceWorker(worker, { type: "model-ready" }, momentAt(60));
    assert.deepEqual(again, { worker, effects: [] });
  });

  it("keeps the later state when its callback comes after its first status", () => {
    const early = advanceAll(workerAt(0), [status({ state: "loading", slotsAvailable: 0 })]);
    const called = advanceAll(early, [{ type: "called-back", url, state: "loading" }]);
    assert.equal(called.state, "loading");
    assert.equal(called.url, url);
  });

  it("ends as failed, not as crashed, when it said that its model does not load", () => {
    const loading = workerAt(0, { state: "loading", url });
    const failed = advanceAll(loading, [status({ state: "error", slotsAvailable: 0 })]);
    const ended: WorkerEvent = { type: "process-ended", exitCode: 1, signal: null };
    const { effects } = advanceWorker(failed, ended, momentAt(9));
    assert.deepEqual(effects, [{ type: "remove", reason: "failed", exitCode: 1, signal: null }]);
  });
});

describe("a worker in use", () => {
  it("starts its quiet time anew with every sign of a request, at its begin and at its end", () => {
    const idle = idleWorkerAt(0);
    const begun = status({ slotsAvailable: 3, lastActivityUnixMs: 5 });
    const busy = advanceWorker(idle, begun, momentAt(100)).worker;
    assert.equal(busy.quietSinceMs, 100);
    const ended = status({ slotsAvailable: 4, lastActivityUnixMs: 5 });
    assert.equal(advanceWorker(busy, ended, momentAt(700)).worker.quietSinceMs, 700);
  });

  it("is not used by being asked for its health", () => {
    const asked: WorkerEvent = { type: "health-answered", memoryBytes: 9 };
    const { worker } = advanceWorker(idleWorkerAt(0), asked, momentAt(30_000));
    assert.equal(worker.quietSinceMs, 0);
    assert.equal(worker.lastActivityUnixMs, null);
    assert.equal(worker.lastSeenUnixMs, momentAt(30_000).unixMs);
    assert.equal(worker.memoryBytes, 9);
  });

  it("is removed and ended after the third silence in a row, and not before", () => {
    const failed: WorkerEvent = { type: "health-failed" };
    const answered: WorkerEvent = { type: "health-answered", memoryBytes: 1 };
    const twice = advanceAll(idleWorkerAt(0), [failed, failed, answered, failed, failed]);
    assert.equal(twice.failedHealthChecks, 2);
    const { worker, effects } = advanceWorker(twice, failed, momentAt(1));
    assert.equal(worker.goneReason, "unresponsive");
    assert.deepEqual(
      effects.map(({ type }) => type),
      ["remove", "end-process"],
    );
  });
});

describe("the end of a worker", () => {
  it("is a crash when nobody wanted it", () => {
    const ended: WorkerEvent = { type: "process-ended", exitCode: null, signal: "SIGKILL" };
    const { worker, effects } = advanceWorker(idleWorkerAt(0), ended, momentAt(1));
    assert.equal(worker.goneReason, "crashed");
    assert.deepEqual(effects, [
      { type: "remove", reason: "crashed", exitCode: null, signal: "SIGKILL" },
      { type: "crashed", exitCode: null, signal: "SIGKILL" },
    ]);
  });

  it("keeps the first reason for which it was wanted", () => {
    const draining = advanceAll(idleWorkerAt(0), [
      { type: "stop-wanted", reason: "idle" },
      { type: "stop-wanted", reason: "stopped" },
    ]);
    assert.equal(draining.state, "draining");
    const ended: WorkerEvent = { type: "process-ended", exitCode: 0, signal: null };
    const { effects } = advanceWorker(draining, ended, momentAt(1));
    assert.deepEqual(effects, [{ type: "remove", reason: "idle", exitCode: 0, signal: null }]);
  });

  it("takes no new work back when a status comes late", () => {
    const draining = advanceAll(idleWorkerAt(0), [{ type: "stop-wanted", reason: "stopped" }]);
    const late = advanceWorker(draining, status({ slotsAvailable: 4 }), momentAt(2)).worker;
    assert.equal(late.state, "draining");
    assert.equal(late.slotsAvailable, 0);
  });
});
