import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError, timings } from "@rbee/contract";
import type { DevicesOnWire } from "@rbee/contract";
import { createWorkerView } from "../domain/worker-view.ts";
import type { ViewWorker } from "../domain/worker-view.ts";
import { createDispatcher } from "./dispatcher.ts";
import type { Turn } from "./dispatcher.ts";

const devices: DevicesOnWire = {
  platform: "linux",
  architecture: "x64",
  cpu: { model: "cpu", cores: 2 },
  ram: { total_bytes: 2000, available_bytes: 1000 },
  disk: { path: "/", total_bytes: 2000, available_bytes: 1000 },
  gpus: [],
  backends: ["cpu"],
};

function worker(id: string, slotsTotal = 1): ViewWorker {
  const nothing = { url: null, lastActivity: null, pid: null, memoryBytes: 0, context: 64 };
  const place = { node: "localhost", backend: "cpu", device: 0, model: "hello-bee" };
  return { id, slotsTotal, slotsAvailable: slotsTotal, state: "idle", ...nothing, ...place };
}

function openDispatch(workers: ViewWorker[], { limit = 10, waitMs = 60_000 } = {}) {
  const view = createWorkerView(() => ["localhost"]);
  const now = "2026-11-23T12:00:00.000Z";
  view.snapshot("localhost", { version: "0.1.0", devices, workers }, now);
  const options = { view, queueLimit: limit, queueWaitMs: waitMs, onQueued: () => {} };
  const dispatcher = createDispatcher(options);
  const request = (taskId: string, source = "ann") => ({
    taskId,
    source,
    placement: { model: "hello-bee", mayWait: true },
  });
  const turns: [string, Turn["kind"]][] = [];
  const positions: Record<string, number[]> = {};
  const wait = (taskId: string, source?: string, signal = new AbortController().signal) => {
    const ticket = dispatcher.enqueue(request(taskId, source));
    const onPosition = (position: number) => void (positions[taskId] ??= []).push(position);
    const turn = ticket.turn({ signal, onPosition });
    turn.then(
      ({ kind }) => turns.push([taskId, kind]),
      () => {},
    );
    return turn;
  };
  return { view, dispatcher, request, wait, turns, positions };
}

describe("the dispatcher", () => {
  it("gives a freed slot to who waits, before anybody who comes", async () => {
    const { dispatcher, request, wait } = openDispatch([worker("w1")]);
    assert.equal(dispatcher.place(request("a")).kind, "use");
    const turn = wait("b");
    dispatcher.release("a");
    assert.equal(dispatcher.place(request("c")).kind, "wait");
    assert.equal((await turn).kind, "use");
  });

  it("lets sources take turns and tells positions, though not every step of a long queue", async () => {
    const { dispatcher, request, wait, turns, positions } = openDispatch([worker("w1")]);
    dispatcher.place(request("first"));
    const all = [wait("a1", "ann"), wait("a2", "ann"), wait("b1", "bob")];
    for (const taskId of ["first", "a1", "b1"]) {
      dispatcher.release(taskId);
      await Promise.resolve();
    }
    await Promise.all(all);
    assert.deepEqual(
      turns.map(([taskId]) => taskId),
      ["a1", "b1", "a2"],
    );
    assert.deepEqual(positions, { a1: [1], a2: [2, 1], b1: [2, 1] });
  });

  it("sends a task back to be placed when no worker is left to wait for", async () => {
    const { dispatcher, request, wait, view } = openDispatch([worker("w1")]);
    dispatcher.place(request("a"));
    const turn = wait("b");
    view.workerGone({ node: "localhost", id: "w1" });
    dispatcher.pump();
    assert.deepEqual(await turn, { kind: "again" });
  });

  it("refuses a task when the queue is full, and says when to come back", () => {
    const { dispatcher, request, wait } = openDispatch([worker("w1")], { limit: 1 });
    dispatcher.place(request("a"));
    const client = new AbortController();
    wait("b", "ann", client.signal).catch(() => {});
    assert.throws(
      () => dispatcher.enqueue(request("c")),
      (error) => {
        assert.ok(RbeeError.is(error, "QUEUE_FULL"));
        assert.equal(error.details.limit, 1);
        assert.equal(error.details.length, 1);
        return true;
      },
    );
    client.abort(new RbeeError("REQUEST_CANCELED", {}));
  });

  it("forgets a task that leaves or has waited too long", async () => {
    const { dispatcher, request, wait } = openDispatch([worker("w1")], { waitMs: 20 });
    dispatcher.place(request("a"));
    const client = new AbortController();
    const left = wait("b", "ann", client.signal);
    client.abort(new RbeeError("REQUEST_CANCELED", {}));
    await assert.rejects(left, (error) => RbeeError.is(error, "REQUEST_CANCELED"));
    await assert.rejects(wait("c"), (error) => RbeeError.is(error, "QUEUE_TIMEOUT"));
    assert.equal(dispatcher.length(), 0);
    dispatcher.release("a");
    assert.equal(dispatcher.place(request("d")).kind, "use");
  });

  it("asks a worker again a moment after it refused", async () => {
    const { dispatcher, request, wait } = openDispatch([worker("w1")]);
    dispatcher.place(request("a"));
    dispatcher.refused({ node: "localhost", id: "w1" }, "a");
    const keepAlive = setInterval(() => {}, 1000);
    const startedAt = performance.now();
    assert.equal((await wait("a")).kind, "use");
    clearInterval(keepAlive);
    assert.ok(performance.now() - startedAt > timings.slotRefusalMs * 0.9);
  });
});
