// Facts for the tests of decisions: nodes and workers with changes, and the facts made of them.
import { findLackMb, findShortBytes } from "./estimate-figures.ts";
import { measureLoad } from "./node-load.ts";
import { createNodeOrders } from "./node-orders.ts";
import type {
  NodeEstimate,
  NodeFacts,
  PlacementFacts,
  PrefixMatch,
  WorkerFacts,
} from "./placement-facts.ts";

export function buildWorker(change: Partial<WorkerFacts> = {}): WorkerFacts {
  return {
    id: "w1",
    node: "localhost",
    state: "idle",
    model: "hello-bee",
    backend: "cpu",
    device: 0,
    context: 2048,
    slotsTotal: 4,
    slotsFree: 4,
    madeFor: new Set(),
    weight: 1,
    pool: "ram",
    memoryBytes: 100 * 1_048_576,
    running: 0,
    readySinceMs: 0,
    lastUsedMs: 0,
    isLeaving: false,
    ...change,
  };
}

export type BuiltNode = NodeFacts & { readonly workers: readonly WorkerFacts[] };

export function buildNode(change: Partial<BuiltNode> = {}): BuiltNode {
  return {
    name: "localhost",
    ordinal: 0,
    isLocal: (change.name ?? "localhost") === "localhost",
    status: "reachable",
    isDraining: false,
    backends: ["cpu"],
    memoryFreeBytes: 1000,
    running: 0,
    models: new Set(),
    workers: [],
    makings: new Set(),
    load: measureLoad(change.workers ?? []),
    ...change,
  };
}

interface FactsInput {
  readonly nodes: readonly BuiltNode[];
  readonly nowMs?: number;
  readonly estimates?: Readonly<Record<string, NodeEstimate>>;
  readonly pinned?: readonly string[];
  readonly prefixMatches?: readonly PrefixMatch[];
}

export const testLimits = { residencyMs: 30_000, patienceMs: 60_000, lookAgainMs: 10_000 };

export function buildFacts(input: FactsInput): PlacementFacts {
  const { nodes, nowMs = 1_000_000, estimates = {}, pinned = [], prefixMatches = [] } = input;
  const workersOf = (model: string) =>
    nodes
      .flatMap(({ workers }) => workers)
      .filter((worker) => worker.model === model || isMadeFor(worker, model));
  const room = ({ slotsFree, weight }: WorkerFacts) => slotsFree * weight;
  return {
    nowMs,
    nodes,
    ordered: createNodeOrders(nodes),
    findNode: (name) => nodes.find((node) => node.name === name),
    workersOf,
    freeWorkersOf: (model) =>
      workersOf(model)
        .filter(({ slotsFree }) => slotsFree > 0)
        .toSorted((left, right) => room(right) - room(left)),
    prefixMatches: () => prefixMatches,
    holdersOf: (model) => nodes.filter(({ models }) => models.has(model)).length,
    estimatesOf: () => ({
      shutCount: nodes.filter(({ name }) => (estimates[name]?.verdict ?? "fits") !== "fits").length,
      of: ({ name }) => estimates[name],
      shortBytes: ({ name }) => findShortBytes(estimates[name]),
      lackMb: ({ name }) => findLackMb(estimates[name]),
    }),
    isPinned: (model) => pinned.includes(model),
    limits: testLimits,
  };
}

function isMadeFor({ madeFor }: WorkerFacts, model: string): boolean {
  return [...madeFor].some((key) => (JSON.parse(key) as [string])[0] === model);
}
