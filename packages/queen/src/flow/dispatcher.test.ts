import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError, timings } from "@rbee/contract";
import { toldDevices as devices } from "../domain/view-fixture.ts";
import { createWorkerView } from "../domain/worker-view.ts";
import type { ViewWorker } from "../domain/worker-view.ts";
import { createDispatcher } from "./dispatcher.ts";
import type { DispatchRequest, Turn } from "./queue-ticket.ts";

function worker(id: string, slotsTotal = 1): ViewWorker {
  const nothing = { url: null, lastActivity: null, pid: null, memoryBytes: 0, context: 64 };
  const place = { node: "localhost", backend: "cpu", device: 0, model: "hello-bee" };
  return { id, slotsTotal, slotsAvailable: slotsTotal, state: "idle", ...nothing, ...place };
}

function openDispatch(workers: ViewWorker[], { limit = 10, waitMs = 60_000 } = {}) {
  const view = createWorkerView(() => ["localhost"]);
  const now = "2026-11-23T12:00:00.000Z";
  view.snapshot("localhost", { version: "0.1.0", devices, workers }, now);
  const options = { view, queueLimit: limit, queueWaitMs: waitMs, onPlaced: () => {} };
  const dispatcher = createDispatcher(options);
  const request = (taskId: string, source = "ann", patch: Partial<DispatchRequest> = {}) => ({
    taskId,
    source,
    placement: { model: "hello-bee", mayWait: true },
    request: { prompt: "Once upon a time", max_tokens: 20 },
    ...patch,
  });
  const turns: [string, Turn["kind"]][] = [];
  const positions: Record<string, number[]> = {};
  const estimates: Record<string, (number | undefined)[]> = {};
  const wait = (taskId: string, source?: string, { signal = never, ...patch }: WaitInput = {}) => {
    const ticket = dispatcher.enqueue(request(taskId, source, patch));
    const onPosition = (position: number, waitMs: number | undefined) => {
      (positions[taskId] ??= []).push(position);
      (estimates[taskId] ??= []).push(waitMs);
    };
    const turn = ticket.turn({ signal, onPosition });
    turn.then(
      ({ kind }) => turns.push([taskId, kind]),
      () => {},
    );
    return turn;
  };
  return { view, dispatcher, request, wait, turns, positions, estimates };
}

const never = new AbortController().signal;

type WaitInput = Partial<DispatchRequest> & { readonly signal?: AbortSignal };
const wellDone = { tokens: 20, errorCode: null };

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
    wait("b", "ann", { signal: client.signal }).catch(() => {});
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
    const left = wait("b", "ann", { signal: client.signal });
    client.abort(new RbeeError("REQUEST_CANCELED", {}));
    await assert.rejects(left, (error) => RbeeError.is(error, "REQUEST_CANCELED"));
    await assert.rejects(wait("c"), (error) => RbeeError.is(error, "QUEUE_TIMEOUT"));
    assert.equal(dispatcher.length(), 0);
    dispatcher.release("a");
    assert.equal(dispatcher.place(request("d")).kind, "use");
  });

  it("serves tasks of one model that only another node may take, though the first one waits", async () => {
    const { view, dispatcher, request, wait } = openDispatch([worker("w1")]);
    dispatcher.place(request("a"));
    const placement = { model: "hello-bee", mayWait: true };
    const stays = wait("b", "ann", { placement: { ...placement, backend: "cpu" } });
    const goes = wait("c", "ann", { placement: { ...placement, context: 128 } });
    view.workerChanged({ ...worker("w2"), context: 256, backend: "cuda" });
    dispatcher.pump();
    const turn = await goes;
    assert.equal(turn.kind === "use" && turn.worker.id, "w2");
    dispatcher.release("a", wellDone);
    const later = await stays;
    assert.equal(later.kind === "use" && later.worker.id, "w1");
  });

  it("lets a high priority go before, and charges what a task really took", async () => {
    const { dispatcher, request, wait, turns } = openDispatch([worker("w1")]);
    dispatcher.place(request("first"));
    const high = { request: { ...request("h").request, priority: "high" as const } };
    const all = [wait("a1", "ann"), wait("a2", "ann"), wait("b1", "bob"), wait("b2", "bob")];
    all.push(wait("h", "cem", high));
    for (const [taskId, tokens] of [
      ["first", 20],
      ["h", 20],
      ["a1", 500],
      ["b1", 20],
      ["b2", 20],
      ["a2", 20],
    ] as const) {
      dispatcher.release(taskId, { tokens, errorCode: null });
      await Promise.resolve();
    }
    await Promise.all(all);
    assert.deepEqual(
      turns.map(([taskId]) => taskId),
      ["h", "a1", "b1", "b2", "a2"],
      "ann pays for what a1 took beyond what it said",
    );
  });

  it("estimates waits from what tasks took, when something was measured", async () => {
    const { dispatcher, request, wait, estimates } = openDispatch([worker("w1")], { limit: 2 });
    const startedAt = performance.now();
    dispatcher.place(request("a"));
    const turn = wait("b");
    await new Promise((resolve) => setTimeout(resolve, 30));
    dispatcher.release("a", wellDone);
    await turn;
    const takenMs = performance.now() - startedAt;
    const client = new AbortController();
    for (const taskId of ["c", "d"]) wait(taskId, "ann", client).catch(() => {});
    assert.deepEqual(estimates["b"], [undefined]);
    const [first = 0] = estimates["c"] ?? [];
    const [second = 0] = estimates["d"] ?? [];
    assert.ok(first > 20 && first <= takenMs, `${first} of ${takenMs}`);
    assert.equal(second, 2 * first);
    assert.throws(
      () => dispatcher.enqueue(request("e")),
      (error) =>
        RbeeError.is(error, "QUEUE_FULL") &&
        error.details.estimated_wait_seconds === second / 1000 &&
        error.details.retry_after_seconds === 1,
    );
    client.abort(new RbeeError("REQUEST_CANCELED", {}));
  });

  it("takes weight from a worker whose tasks fail of themselves, not when the client is at fault", () => {
    const { dispatcher, request, view } = openDispatch([worker("w1")]);
    const key = { node: "localhost", id: "w1" };
    for (const [errorCode, expected] of [
      ["CONTEXT_EXCEEDED", 1],
      ["REQUEST_CANCELED", 1],
      ["INFERENCE_FAILED", 0.25],
      ["SSE_CLOSED", 0.0625],
    ] as const) {
      assert.equal(dispatcher.place(request("a")).kind, "use");
      dispatcher.release("a", { tokens: 0, errorCode });
      const weight = view.weightOf(key, performance.now());
      assert.ok(Math.abs(weight - expected) < 0.01, `${errorCode}: ${weight}`);
    }
  });

  it("serves thousands that wait, each of whom is told something at once", async () => {
    const { dispatcher, request } = openDispatch([worker("w1")], { limit: 5000 });
    dispatcher.place(request("t0"));
    const told = new Set<string>();
    const count = 5000;
    for (let index = 1; index <= count; index += 1) {
      const taskId = `t${index}`;
      const ticket = dispatcher.enqueue(request(taskId, `key-${index % 1000}`));
      const onPosition = () => void told.add(taskId);
      ticket.turn({ signal: new AbortController().signal, onPosition }).catch(() => {});
    }
    assert.equal(dispatcher.length(), count);
    assert.equal(told.size, count, "everybody is told something at once");
    // One source after the other has its first task served.
    for (let index = 0; index < count; index += 1) dispatcher.release(`t${index}`, wellDone);
    assert.equal(dispatcher.length(), 0);
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
