import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { measureLoad } from "./node-load.ts";
import { createNodeOrders } from "./node-orders.ts";
import { placeTask } from "./place-task.ts";
import type { PlacementRequest } from "./place-task.ts";
import { buildFacts, buildNode, buildWorker, testLimits } from "./placement-fixture.ts";
import type { BuiltNode } from "./placement-fixture.ts";
import type { NodeEstimate, PlacementFacts, WorkerFacts } from "./placement-facts.ts";
import { toldDevices } from "./view-fixture.ts";
import { createWorkerView } from "./worker-view.ts";
import type { ViewWorker } from "./worker-view.ts";

const nowMs = 1_000_000;
const megabyte = 1_048_576;
const key = "any";

/** The rules of ADR 0019 written down once more: every node, every plan, all sorted, no index. */
function decideSlowly(request: PlacementRequest, facts: PlacementFacts): string {
  const nodes = facts.nodes as readonly BuiltNode[];
  const allowed = nodes.filter(
    (node) =>
      (request.node === undefined
        ? node.isLocal || node.status === "reachable"
        : node.name === request.node) && !node.isDraining,
  );
  const verdict = (node: BuiltNode) => facts.estimatesOf(key).of(node)?.verdict ?? "fits";
  const statuses = ["reachable", "unknown", "unreachable"];
  const byMerit = allowed
    .filter((node) => verdict(node) === "fits")
    .toSorted(
      (left, right) =>
        statuses.indexOf(left.status) - statuses.indexOf(right.status) ||
        Number(right.models.has(request.model)) - Number(left.models.has(request.model)) ||
        right.memoryFreeBytes - left.memoryFreeBytes ||
        left.running - right.running ||
        (left.name < right.name ? -1 : 1),
    );
  if (byMerit[0] !== undefined) return `spawn ${byMerit[0].name}`;
  const short = allowed.filter((node) => verdict(node) === "short");
  const isImpatient = nowMs - (request.waitsSinceMs ?? nowMs) >= testLimits.patienceMs;
  for (const isBusyToo of isImpatient ? [false, true] : [false]) {
    const residencyMs = testLimits.residencyMs / (isImpatient ? 4 : 1);
    const plans = short.flatMap((node) => {
      if ([...node.makings].some(({ isEvicting }) => isEvicting)) return [];
      const workers = node.workers
        .filter((worker) => !worker.isLeaving && worker.state !== "draining")
        .filter(({ model }) => !facts.isPinned(model))
        .filter(({ readySinceMs }) => readySinceMs !== null && nowMs - readySinceMs >= residencyMs)
        .filter(({ running }) => isBusyToo || running === 0);
      const chosen = chooseSlowly(workers, shortBytes(facts, node));
      return chosen === undefined ? [] : [{ node, chosen }];
    });
    const lastUse = ({ chosen }: (typeof plans)[number]) =>
      Math.max(...chosen.map(({ lastUsedMs }) => lastUsedMs));
    const running = ({ chosen }: (typeof plans)[number]) =>
      chosen.reduce((sum, worker) => sum + worker.running, 0);
    const onDisk = ({ node }: (typeof plans)[number]) => Number(node.models.has(request.model));
    const [best] = plans.toSorted(
      (left, right) =>
        onDisk(right) - onDisk(left) ||
        lastUse(left) - lastUse(right) ||
        running(left) - running(right) ||
        (left.node.name < right.node.name ? -1 : 1),
    );
    if (best !== undefined) return `evict ${best.node.name} ${idsOf(best.chosen)}`;
  }
  const isHopeful = short.some((node) => {
    if (node.makings.size > 0) return true;
    const unpinned = node.workers.filter(({ model }) => !facts.isPinned(model));
    return sumOf(unpinned) >= shortBytes(facts, node);
  });
  return isHopeful && request.mayWait ? "wait" : "refuse";
}

function chooseSlowly(workers: readonly WorkerFacts[], bytes: number): WorkerFacts[] | undefined {
  const byUse = workers.toSorted(
    (left, right) => left.running - right.running || left.lastUsedMs - right.lastUsedMs,
  );
  const alone = byUse.filter(({ memoryBytes }) => memoryBytes >= bytes);
  if (alone[0] !== undefined) return [alone[0]];
  const count = byUse.findIndex((_, index) => sumOf(byUse.slice(0, index + 1)) >= bytes) + 1;
  if (count === 0) return undefined;
  let chosen = byUse.slice(0, count);
  for (const worker of byUse.slice(0, count).toReversed()) {
    const rest = chosen.filter((one) => one !== worker);
    if (sumOf(rest) >= bytes) chosen = rest;
  }
  return chosen;
}

function sumOf(workers: readonly WorkerFacts[]): number {
  return workers.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}

function shortBytes(facts: PlacementFacts, node: BuiltNode): number {
  const estimate = facts.estimatesOf(key).of(node);
  return (estimate?.verdict === "short" ? (estimate.places[0]?.shortMb ?? 0) : 0) * megabyte;
}

function idsOf(workers: readonly WorkerFacts[]): string {
  return workers
    .map(({ id }) => id)
    .toSorted()
    .join(" ");
}

function decide(request: PlacementRequest, facts: PlacementFacts): string {
  const placement = placeTask(request, facts);
  if (placement.kind === "spawn") return `spawn ${placement.node}`;
  if (placement.kind !== "evict") return placement.kind;
  return `evict ${placement.node} ${idsOf(placement.workers)}`;
}

function shortOf(shortMb: number, node: string): NodeEstimate {
  const details = { node, model: "wanted", required: 1000 + shortMb, available: 1000 };
  const places = [{ pool: "ram", availableMb: 1000, shortMb }];
  return { verdict: "short", refusal: { code: "INSUFFICIENT_RAM", details }, places };
}

// Few moments and sizes, so that many are equal.
const moment = fc.constantFrom(0, 500_000, 900_000, 980_000, 995_000);
const worker = fc.record({
  id: fc.uuid(),
  model: fc.constantFrom("other", "other", "other", "pinned"),
  state: fc.constantFrom("loading", "idle", "busy", "draining"),
  memoryBytes: fc.constantFrom(100, 300, 500).map((mb) => mb * megabyte),
  running: fc.constantFrom(0, 0, 1, 2),
  readySinceMs: fc.option(moment, { nil: null, freq: 10 }),
  lastUsedMs: moment,
  isLeaving: fc.constantFrom(false, false, false, true),
});
const scene = fc.record({
  nodes: fc.array(
    fc.record({
      status: fc.constantFrom("reachable", "reachable", "unreachable"),
      isDraining: fc.constantFrom(false, false, false, true),
      isOnDisk: fc.constantFrom(false, false, true),
      memoryFreeBytes: fc.constantFrom(1000, 2000),
      running: fc.nat(1),
      workers: fc.array(worker, { maxLength: 5 }),
      shortMb: fc.constantFrom(200, 400, 700, 1200),
      isOpen: fc.constantFrom(false, false, false, false, false, true),
      making: fc.constantFrom(undefined, undefined, undefined, "claims", "evicts"),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  isOpenAllowed: fc.boolean(),
  wish: fc.record({
    node: fc.constantFrom(undefined, undefined, "n0"),
    mayWait: fc.boolean(),
    waitsSinceMs: fc.constantFrom(undefined, 0, nowMs - 1000),
  }),
});

describe("a decision about room", () => {
  it("is the one that looking at every node and every worker would come to", () => {
    const seen = new Set<string>();
    const property = fc.property(scene, ({ nodes, wish, isOpenAllowed }) => {
      const built = nodes.map(({ workers, isOnDisk, making, ...node }, index) => {
        const name = `n${index}`;
        const own = workers.map((one) => buildWorker({ ...one, node: name }));
        const models = new Set(isOnDisk ? ["wanted"] : []);
        const begun = { taskId: "t", key: "another", isEvicting: making === "evicts" };
        const makings = new Set(making === undefined ? [] : [begun]);
        return { ...buildNode({ ...node, name, workers: own, models, makings }) };
      });
      const estimates = Object.fromEntries(
        nodes.flatMap(({ shortMb, isOpen }, index) =>
          isOpen && isOpenAllowed ? [] : [[`n${index}`, shortOf(shortMb, `n${index}`)] as const],
        ),
      );
      const facts = buildFacts({ nodes: built, nowMs, pinned: ["pinned"], estimates });
      const request = { ...wish, model: "wanted" };
      const decided = decide(request, facts);
      seen.add(decided.split(" ")[0] ?? "");
      assert.equal(decided, decideSlowly(request, facts));
    });
    fc.assert(property, { numRuns: 5000 });
    assert.deepEqual([...seen].toSorted(), ["evict", "refuse", "spawn", "wait"]);
  });
});

const devices = { ...toldDevices, ram: { total_bytes: 4000, available_bytes: 1000 } };
const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
const change = fc.record({
  node: fc.constantFrom(...names),
  id: fc.constantFrom("w1", "w2"),
  kind: fc.constantFrom("snapshot", "worker", "gone", "reserve", "release", "models", "lost"),
  memoryBytes: fc.nat(3000),
  quietSinceMs: fc.nat(1000),
});

function toldOf(told: { readonly node: string; readonly id: string }): ViewWorker {
  const rest = { backend: "cpu", device: 0, slotsTotal: 2, slotsAvailable: 2, context: 2048 };
  const more = { url: null, state: "idle", lastActivity: null, pid: 1, memoryBytes: 1 } as const;
  return { model: "other", ...rest, ...more, ...told };
}

describe("what the view keeps in order", () => {
  it("is what sorting and counting anew would give, whatever is told", () => {
    const property = fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const view = createWorkerView(() => names);
      for (const [index, { kind, ...told }] of changes.entries()) {
        const one = toldOf(told);
        const { node } = told;
        const modelList = [{ reference: `m${index % 3}`, size_bytes: 1 }] as never;
        const now = "2026-11-23T12:00:00.000Z";
        if (kind === "snapshot") {
          view.snapshot(node, { version: "1", devices, workers: [one] }, now);
        }
        if (kind === "worker") view.workerChanged(one);
        if (kind === "gone") view.workerGone(one);
        if (kind === "reserve") view.reserve(one, `t${index % 4}`, index);
        if (kind === "release") view.release(`t${index % 4}`);
        if (kind === "models") view.modelsChanged(node, modelList);
        if (kind === "lost") view.lost(node, "gone", false);
        const facts = view.facts(index);
        const anew = createNodeOrders(facts.nodes);
        for (const order of ["byRoom", "byUse", "byIdleUse"] as const) {
          const inOrder = (orders: PlacementFacts["ordered"]) =>
            orders[order]().map(({ name }) => name);
          assert.deepEqual(inOrder(facts.ordered), inOrder(anew), `${order} after ${kind}`);
        }
        for (const { load, workers } of facts.nodes) assert.deepEqual(load, measureLoad(workers));
        const holders = facts.nodes.filter(({ models }) => models.has("m1")).length;
        assert.equal(facts.holdersOf("m1"), holders);
      }
    });
    fc.assert(property, { numRuns: 200 });
  });
});
