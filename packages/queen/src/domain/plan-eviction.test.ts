import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { explainChoice } from "./explain-choice.ts";
import { placeTask, placementKey } from "./place-task.ts";
import type { Placement } from "./place-task.ts";
import { buildFacts, buildNode, buildWorker, testLimits } from "./placement-fixture.ts";
import type { BuiltNode } from "./placement-fixture.ts";
import type { NodeEstimate, WorkerFacts } from "./placement-facts.ts";

const nowMs = 1_000_000;
const longAgoMs = nowMs - 600_000;
const megabyte = 1_048_576;
const request = { model: "wanted", mayWait: true };
const key = placementKey(request);

function short(shortMb: number, node = "a"): NodeEstimate {
  const details = { node, model: "wanted", required: 1000 + shortMb, available: 1000 };
  const places = [{ pool: "ram", availableMb: 1000, shortMb }];
  return { verdict: "short", refusal: { code: "INSUFFICIENT_RAM", details }, places };
}

function other(change: Partial<WorkerFacts> & { readonly mb?: number } = {}): WorkerFacts {
  const { mb = 500, ...facts } = change;
  const old = { readySinceMs: longAgoMs, lastUsedMs: longAgoMs };
  return buildWorker({
    node: "a",
    model: "other",
    memoryBytes: mb * megabyte,
    ...old,
    ...facts,
  });
}

interface Scene {
  readonly workers: readonly WorkerFacts[];
  readonly shortMb?: number;
  readonly waitedMs?: number;
  readonly pinned?: readonly string[];
  readonly node?: Partial<BuiltNode>;
}

function decide({ workers, shortMb = 400, waitedMs, pinned = [], node = {} }: Scene): Placement {
  const waitsSinceMs = waitedMs === undefined ? undefined : nowMs - waitedMs;
  const nodes = [buildNode({ name: "a", workers, ...node })];
  const facts = buildFacts({ nodes, nowMs, pinned, estimates: { a: short(shortMb) } });
  return placeTask({ ...request, waitsSinceMs }, facts);
}

function stopped(placement: Placement): string[] | string {
  if (placement.kind !== "evict") return placement.kind;
  return placement.workers.map(({ id }) => id).toSorted();
}

describe("making room", () => {
  it("stops the least recently used worker that is large enough alone", () => {
    const workers = [
      other({ id: "large-new", mb: 900, lastUsedMs: nowMs - 1000 }),
      other({ id: "small-old", mb: 100, lastUsedMs: nowMs - 90_000 }),
      other({ id: "large-old", mb: 450, lastUsedMs: nowMs - 60_000 }),
    ];
    assert.deepEqual(stopped(decide({ workers })), ["large-old"]);
  });

  it("stops several when none is enough alone, and none that is not needed", () => {
    const workers = [
      other({ id: "w1", mb: 50, lastUsedMs: nowMs - 90_000 }),
      other({ id: "w2", mb: 300, lastUsedMs: nowMs - 80_000 }),
      other({ id: "w3", mb: 350, lastUsedMs: nowMs - 70_000 }),
    ];
    assert.deepEqual(stopped(decide({ workers, shortMb: 600 })), ["w2", "w3"]);
  });

  it("waits for the residency of a young worker and says when it is over", () => {
    const placement = decide({ workers: [other({ readySinceMs: nowMs - 29_000 })] });
    assert.equal(placement.kind, "wait");
    assert.equal(placement.kind === "wait" && placement.lookAgainAtMs, nowMs + 1000);
    assert.equal(stopped(decide({ workers: [other({ readySinceMs: nowMs - 30_000 })] })).length, 1);
  });

  it("drains a busy worker only for a task that waited beyond its patience", () => {
    const workers = [other({ id: "busy", running: 2, state: "busy", slotsFree: 0 })];
    assert.equal(decide({ workers, waitedMs: testLimits.patienceMs - 1 }).kind, "wait");
    assert.deepEqual(stopped(decide({ workers, waitedMs: testLimits.patienceMs })), ["busy"]);
  });

  it("rather stops an idle worker than to drain a busy one, however long it waited", () => {
    const busy = other({ id: "busy", running: 1, lastUsedMs: longAgoMs });
    const workers = [busy, other({ id: "idle", lastUsedMs: nowMs - 1 })];
    assert.deepEqual(stopped(decide({ workers, waitedMs: 1e9 })), ["idle"]);
  });

  it("refuses at once with figures what would never fit", () => {
    for (const scene of [
      { workers: [], shortMb: 1 },
      { workers: [other({ mb: 399 })] },
      { workers: [other()], pinned: ["other"] },
      { workers: [other({ pool: "cuda:0" })] },
    ]) {
      const placement = decide(scene);
      assert.equal(placement.kind, "refuse", JSON.stringify(scene));
      assert.equal(placement.kind === "refuse" && placement.refusal.code, "INSUFFICIENT_RAM");
    }
  });

  it("leaves a node alone where room is being made for somebody else, and joins its own kind", () => {
    const making = { taskId: "t", key: "another", isEvicting: true };
    const workers = [other()];
    assert.equal(decide({ workers, node: { makings: new Set([making]) } }).kind, "wait");
    const own = decide({ workers, node: { makings: new Set([{ ...making, key }]) } });
    assert.deepEqual(own, { kind: "spawn", node: "a", reason: "comes-up" });
  });

  it("waits where a worker is being made for somebody else, though nobody is there yet", () => {
    const making = { taskId: "t", key: "another", isEvicting: true };
    for (const isEvicting of [true, false]) {
      const node = { makings: new Set([{ ...making, isEvicting }]) };
      assert.equal(decide({ workers: [], node }).kind, "wait");
    }
  });

  it("refuses instead of waiting for room when the task may not wait", () => {
    const nodes = [buildNode({ name: "a", workers: [other({ running: 1 })] })];
    const facts = buildFacts({ nodes, nowMs, estimates: { a: short(400) } });
    assert.equal(placeTask({ ...request, mayWait: false }, facts).kind, "refuse");
  });
});

const worker = fc.record({
  id: fc.uuid(),
  model: fc.constantFrom("wanted", "other", "pinned"),
  state: fc.constantFrom("starting", "loading", "idle", "busy", "draining", "error"),
  mb: fc.nat(1000),
  running: fc.nat(3),
  slotsFree: fc.nat(4),
  readySinceMs: fc.option(fc.integer({ min: nowMs - 100_000, max: nowMs }), { nil: null }),
  lastUsedMs: fc.integer({ min: 0, max: nowMs }),
  isLeaving: fc.boolean(),
  backend: fc.constantFrom("cpu", "cuda"),
});
const node = fc.record({
  name: fc.constantFrom("localhost", "a", "b", "c", "d"),
  status: fc.constantFrom("unknown", "reachable", "unreachable"),
  isDraining: fc.boolean(),
  backends: fc.constantFrom(null, ["cpu"], ["cpu", "cuda"]),
  workers: fc.array(worker, { maxLength: 4 }),
  shortMb: fc.option(fc.nat(2000), { nil: undefined }),
});
const scene = fc
  .record({
    nodes: fc.uniqueArray(node, { maxLength: 5, selector: ({ name }) => name }),
    wish: fc.record({
      node: fc.option(fc.constantFrom("a", "b", "nowhere"), { nil: undefined }),
      backend: fc.option(fc.constantFrom("cpu", "cuda"), { nil: undefined }),
      mayWait: fc.boolean(),
      waitsSinceMs: fc.option(fc.integer({ min: 0, max: nowMs }), { nil: undefined }),
    }),
  })
  .map(({ nodes, wish }) => {
    const built = nodes.map(({ workers, shortMb: _shortMb, ...one }) =>
      buildNode({
        ...one,
        workers: workers.map((facts) => other({ ...facts, node: one.name })),
      }),
    );
    const estimates = Object.fromEntries(
      nodes.flatMap(({ name, shortMb }) =>
        shortMb === undefined ? [] : [[name, short(shortMb, name)] as const],
      ),
    );
    const facts = buildFacts({ nodes: built, nowMs, pinned: ["pinned"], estimates });
    return { facts, wish: { ...wish, model: "wanted" } };
  });

describe("any placement", () => {
  it("never goes to a node that is draining, forbidden, or unreachable and not asked for", () => {
    fc.assert(
      fc.property(scene, ({ facts, wish }) => {
        const placement = placeTask(wish, facts);
        if (placement.kind === "wait" || placement.kind === "refuse") return;
        const name = placement.kind === "use" ? placement.worker.node : placement.node;
        const chosen = facts.findNode(name);
        assert.ok(chosen !== undefined && !chosen.isDraining);
        assert.ok(wish.node === undefined || wish.node === name);
        if (placement.kind === "use") {
          assert.equal(placement.worker.model, "wanted");
          assert.ok(placement.worker.slotsFree > 0 && !placement.worker.isLeaving);
          assert.ok(wish.backend === undefined || placement.worker.backend === wish.backend);
          return;
        }
        assert.ok(wish.node !== undefined || chosen.isLocal || chosen.status === "reachable");
        const { backends } = chosen;
        assert.ok(wish.backend === undefined || (backends?.includes(wish.backend) ?? true));
      }),
      { numRuns: 1000 },
    );
  });

  it("never stops who is pinned, young, or leaving, and busy ones only after the patience", () => {
    fc.assert(
      fc.property(scene, ({ facts, wish }) => {
        const placement = placeTask(wish, facts);
        if (placement.kind !== "evict") return;
        const waitedMs = nowMs - (wish.waitsSinceMs ?? nowMs);
        const isImpatient = waitedMs >= testLimits.patienceMs;
        const youngestMs = testLimits.residencyMs / (isImpatient ? 4 : 1);
        for (const victim of placement.workers) {
          assert.equal(victim.node, placement.node);
          assert.notEqual(victim.model, "pinned");
          assert.ok(!victim.isLeaving && victim.state !== "draining");
          assert.ok(victim.readySinceMs !== null);
          assert.ok(nowMs - victim.readySinceMs >= youngestMs);
          assert.ok(victim.running === 0 || isImpatient);
        }
        const freed = placement.workers.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
        const node = facts.findNode(placement.node);
        const estimate = node && facts.estimatesOf("").of(node);
        assert.ok(estimate?.verdict === "short");
        assert.ok(freed >= (estimate.places[0]?.shortMb ?? 0) * megabyte);
      }),
      { numRuns: 1000 },
    );
  });

  it("is explained with the same choice", () => {
    fc.assert(
      fc.property(scene, ({ facts, wish }) => {
        const placement = placeTask(wish, facts);
        const choice = explainChoice(wish, facts);
        assert.equal(choice.kind, placement.kind);
        if (placement.kind === "use") assert.equal(choice.workerId, placement.worker.id);
        if (placement.kind === "spawn") assert.equal(choice.node, placement.node);
        if (placement.kind === "evict") assert.deepEqual(choice.stops, placement.workers);
        if (placement.kind === "refuse") assert.deepEqual(choice.refusal, placement.refusal);
      }),
    );
  });
});
