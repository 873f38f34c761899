import { placementLimits } from "@rbee/contract";
import { createEstimateBoard } from "./estimate-board.ts";
import { freeMemoryBytes, memoryPool } from "./node-board.ts";
import type { KnownNode } from "./node-board.ts";
import { createNodeList } from "./node-list.ts";
import type { EvictionLimits } from "./placement-facts.ts";
import { createPrefixIndex } from "./prefix-index.ts";
import { createSlotLedger } from "./slot-ledger.ts";
import { workerKey } from "./view-worker.ts";
import type { ViewWorker } from "./view-worker.ts";
import { createWorkerIndex } from "./worker-index.ts";
import type { KnownWorker } from "./worker-index.ts";

export interface ViewOptions {
  /** Models whose workers are never stopped to make room. */
  readonly isPinned?: (model: string) => boolean;
  readonly limits?: () => EvictionLimits;
}

export type ViewState = ReturnType<typeof createViewState>;

function createParts() {
  return {
    ledger: createSlotLedger(),
    index: createWorkerIndex(),
    prefixes: createPrefixIndex<KnownWorker>(placementLimits.prefix),
    estimates: createEstimateBoard(placementLimits.estimateKeptMs),
  };
}

/** What the view is made of: every change goes through here, and nothing is ever built anew. */
export function createViewState(nodeNames: () => readonly string[]) {
  const board = createNodeList(nodeNames);
  const { nodeOf, orders } = board;
  const workers = new Map<string, KnownWorker>();
  // Time alone may change what these may be given.
  const unsteady = new Set<KnownWorker>();
  const parts = createParts();
  const { ledger, index, prefixes, estimates } = parts;
  let latestMs = 0;

  const refresh = (worker: KnownWorker) => {
    const node = nodeOf(worker.node);
    node.running -= worker.running;
    updateFacts(worker, { node, ledger, latestMs });
    node.running += worker.running;
    node.forgetLoad();
    orders.changed(node);
    index.put(worker);
    if (ledger.settle(worker.key, latestMs)) unsteady.add(worker);
    else unsteady.delete(worker);
  };
  const refreshKeys = (keys: Iterable<string>) => {
    for (const worker of [...keys].flatMap((key) => workers.get(key) ?? [])) refresh(worker);
  };
  const drop = (worker: KnownWorker) => {
    workers.delete(worker.key);
    takeFrom(nodeOf(worker.node), worker);
    orders.changed(nodeOf(worker.node));
    estimates.forgetNode(nodeOf(worker.node));
    unsteady.delete(worker);
    index.remove(worker);
    prefixes.forget(worker);
  };
  const put = (told: ViewWorker) => {
    const key = workerKey(told);
    const node = nodeOf(told.node);
    const known = workers.get(key);
    // What was judged before is wrong as soon as a worker comes, loads, is ready or leaves.
    const isNews = known === undefined || phaseOf(known.told) !== phaseOf(told);
    if (isNews) estimates.forgetNode(node);
    const worker = known ?? createKnownWorker(key, told);
    worker.told = told;
    workers.set(key, worker);
    node.workers.add(worker);
    refresh(worker);
    node.memoryFreeBytes = freeMemoryBytes(node);
  };
  return {
    ...board,
    workers,
    ...parts,
    refresh,
    refreshKeys,
    put,
    drop,
    dropAll: (name: string): void => nodeOf(name).workers.forEach(drop),
    /** The clock only goes forward; what time alone has changed is entered. */
    advance(nowMs: number): void {
      latestMs = Math.max(latestMs, nowMs);
      for (const worker of unsteady) refresh(worker);
    },
    nowMs: () => latestMs,
  };
}

function takeFrom(node: KnownNode, worker: KnownWorker): void {
  node.workers.delete(worker);
  node.running -= worker.running;
  node.forgetLoad();
  node.memoryFreeBytes = freeMemoryBytes(node);
}

function phaseOf({ state }: ViewWorker): string {
  return state === "busy" ? "idle" : state;
}

function createKnownWorker(key: string, told: ViewWorker): KnownWorker {
  const { id, node, state, model, backend, device, context, slotsTotal } = told;
  const same = { id, node, state, model, backend, device, context, slotsTotal };
  return {
    ...same,
    key,
    told,
    slotsFree: 0,
    madeFor: new Set(),
    weight: 1,
    pool: "ram",
    memoryBytes: 0,
    running: 0,
    readySinceMs: null,
    lastUsedMs: 0,
    isLeaving: false,
  };
}

interface Knowing {
  readonly node: KnownNode;
  readonly ledger: ReturnType<typeof createSlotLedger>;
  readonly latestMs: number;
}

function updateFacts(worker: KnownWorker, { node, ledger, latestMs }: Knowing): void {
  const { told, key } = worker;
  worker.state = told.state;
  worker.model = told.model;
  worker.backend = told.backend;
  worker.device = told.device;
  worker.context = told.context;
  worker.slotsTotal = told.slotsTotal;
  worker.weight = ledger.weightOf(key, latestMs);
  worker.slotsFree = ledger.free(key, told.slotsTotal, latestMs);
  worker.madeFor = ledger.requestsOf(key);
  worker.pool = memoryPool(told, node.told.devices);
  worker.memoryBytes = Math.max(told.memoryBytes, told.requiredBytes ?? 0);
  worker.running = Math.max(ledger.held(key), told.slotsTotal - told.slotsAvailable);
  worker.isLeaving = ledger.isClaimed(key);
  const isReady = told.state === "idle" || told.state === "busy";
  if (!isReady) worker.running = ledger.held(key);
  worker.readySinceMs = isReady ? (told.readySinceMs ?? worker.readySinceMs ?? latestMs) : null;
  worker.lastUsedMs = Math.max(worker.lastUsedMs, told.quietSinceMs ?? 0);
}
