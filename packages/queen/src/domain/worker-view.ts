import { placementLimits } from "@rbee/contract";
import type { DevicesOnWire, NodeModel } from "@rbee/contract";
import { freeMemoryBytes, poolCapacities } from "./node-board.ts";
import type { KnownNode, ViewNode } from "./node-board.ts";
import type { Making, NodeEstimate, PlacementFacts, PrefixMatch } from "./placement-facts.ts";
import type { PromptPrefix } from "./prompt-prefix.ts";
import { createViewState } from "./view-state.ts";
import type { ViewOptions, ViewState } from "./view-state.ts";
import { workerKey } from "./view-worker.ts";
import type { ViewWorker, WorkerKey } from "./view-worker.ts";
import type { WorkerOutcome } from "./worker-weight.ts";

export type { ViewNode } from "./node-board.ts";
export type { ViewWorker, WorkerKey } from "./view-worker.ts";

export type NodeStatus = ViewNode["status"];

export interface NodeSnapshot {
  readonly version: string;
  readonly devices: DevicesOnWire;
  readonly workers: readonly ViewWorker[];
  readonly models?: readonly NodeModel[];
}

export type WorkerView = ReturnType<typeof createWorkerView>;

/**
 * All nodes and workers as the queen knows them, fed by what the hives tell. It also keeps which
 * task holds which slot: a reservation is made in the same turn as the decision to use a worker, so
 * two tasks never take one slot. Memory only; a restarted queen asks the hives again.
 *
 * `nodeNames` is asked for every decision: it gives the same array until the nodes change.
 */
export function createWorkerView(nodeNames: () => readonly string[], options: ViewOptions = {}) {
  const state = createViewState(nodeNames);
  return {
    ...hearHives(state),
    ...keepSlots(state),
    ...keepMakings(state),
    ...showWorkers(state),
    facts: (nowMs: number): PlacementFacts => readFacts(state, options, nowMs),
  };
}

const fine = { lastError: null, isHiveStopped: false };

function setModels(state: ViewState, node: KnownNode, list: readonly NodeModel[]): void {
  node.modelList = list;
  state.setReferences(node, new Set(list.map(({ reference }) => reference)));
  state.estimates.forgetNode(node);
}

function changeNode({ orders }: ViewState, node: KnownNode, patch: Partial<ViewNode>): void {
  orders.changed(node);
  node.told = { ...node.told, ...patch };
  node.status = node.told.status;
  node.backends = node.told.devices?.backends ?? null;
}

function measureNode({ orders }: ViewState, node: KnownNode, devices: DevicesOnWire): void {
  orders.changed(node);
  node.capacityBytes = poolCapacities(devices, node.workers);
  node.memoryFreeBytes = freeMemoryBytes(node);
}

function hearHives(state: ViewState) {
  const { nodeOf } = state;
  return {
    /** The whole truth of a node; replaces what was known of its workers. */
    snapshot(name: string, { version, devices, workers, models }: NodeSnapshot, now: string): void {
      const node = nodeOf(name);
      changeNode(state, node, { status: "reachable", version, devices, lastSeen: now, ...fine });
      node.isDraining = false;
      if (models !== undefined) setModels(state, node, models);
      const keys = new Set(workers.map(workerKey));
      for (const worker of node.workers) if (!keys.has(worker.key)) state.drop(worker);
      state.ledger.keepOnly(name, keys);
      for (const worker of workers) state.put(worker);
      state.estimates.forgetNode(node);
      measureNode(state, node, devices);
    },
    /** Its memory and disk, read anew. */
    devicesRead(name: string, devices: DevicesOnWire): void {
      changeNode(state, nodeOf(name), { devices });
      measureNode(state, nodeOf(name), devices);
    },
    modelsChanged: (name: string, list: readonly NodeModel[]): void =>
      setModels(state, nodeOf(name), list),
    workerChanged(worker: ViewWorker): void {
      if (worker.slotsAvailable > 0) state.ledger.allow(workerKey(worker));
      state.put(worker);
    },
    workerGone(worker: WorkerKey): void {
      const known = state.workers.get(workerKey(worker));
      state.ledger.forget(workerKey(worker));
      if (known !== undefined) state.drop(known);
    },
    heard: (name: string, now: string): void => changeNode(state, nodeOf(name), { lastSeen: now }),
    /** Its hive was told to stop (nothing new goes there), or is heard of anew. */
    setDraining(name: string, isDraining: boolean): void {
      state.nodeOf(name).isDraining = isDraining;
    },
    /** The hive cannot be heard any more: nobody knows what its workers do. */
    lost(name: string, reason: string, isHiveStopped: boolean): void {
      const node = nodeOf(name);
      changeNode(state, node, { status: "unreachable", lastError: reason, isHiveStopped });
      node.isDraining = false;
      state.estimates.forgetNode(node);
      state.dropAll(name);
    },
    /** The node is registered no more. */
    forget(name: string): void {
      state.dropAll(name);
      state.estimates.forgetNode(nodeOf(name));
      state.ledger.keepOnly(name, new Set());
      state.forgetNode(name);
    },
  };
}

function keepSlots(state: ViewState) {
  const { ledger, workers, prefixes } = state;
  const refreshOne = (worker: WorkerKey) => state.refreshKeys([workerKey(worker)]);
  return {
    /** False when no slot is free: then nothing is reserved. */
    reserve(worker: WorkerKey, taskId: string, nowMs: number): boolean {
      state.advance(nowMs);
      const known = workers.get(workerKey(worker));
      if (known === undefined || known.slotsFree <= 0) return false;
      ledger.reserve(known.key, taskId);
      known.lastUsedMs = Math.max(known.lastUsedMs, nowMs);
      state.refresh(known);
      return true;
    },
    release: (taskId: string): void => state.refreshKeys(ledger.release(taskId)),
    /** The worker gets this prompt, so it has its beginning in memory from now on. */
    notePrefix(worker: WorkerKey, prefix: PromptPrefix): void {
      const known = workers.get(workerKey(worker));
      if (known !== undefined) prefixes.note(known, prefix, known.slotsTotal);
    },
    /** How a request at this worker ended; moves its weight. */
    noteOutcome(worker: WorkerKey, outcome: WorkerOutcome, nowMs: number): void {
      ledger.noteOutcome(workerKey(worker), outcome, nowMs);
      state.advance(nowMs);
      refreshOne(worker);
    },
    weightOf: (worker: WorkerKey, nowMs: number): number =>
      ledger.weightOf(workerKey(worker), nowMs),
    /** The worker itself said that it has no slot: not asked again until then, or until it says so. */
    refuse(worker: WorkerKey, untilMs: number): void {
      ledger.refuse(workerKey(worker), untilMs);
      refreshOne(worker);
    },
    /** The worker was made for exactly this request, whatever it says of itself. */
    madeFor(worker: WorkerKey, requestKey: string): void {
      ledger.madeFor(workerKey(worker), requestKey);
      refreshOne(worker);
    },
  };
}

function keepMakings(state: ViewState) {
  const { ledger, workers } = state;
  return {
    /**
     * A task has a worker made there; `evicting` get nothing new from now on, and nobody else may
     * count on their room. To be called in the same turn as the decision.
     */
    beginMaking(node: string, making: Making, evicting: readonly WorkerKey[]): void {
      state.nodeOf(node).makings.add(making);
      for (const worker of evicting) {
        const known = workers.get(workerKey(worker));
        if (known === undefined) continue;
        ledger.claim(known.key, making.taskId);
        state.refresh(known);
      }
    },
    endMaking(node: string, making: Making): void {
      state.nodeOf(node).makings.delete(making);
      state.estimates.forgetNode(state.nodeOf(node));
      state.refreshKeys(ledger.unclaim(making.taskId));
    },
    /** To be read before a hive is asked: what it says is kept only while this is the same. */
    changeOf: (node: string): number => state.estimates.changeOf(state.nodeOf(node)),
    /** What the hive of a node says of requests with this key. */
    noteEstimate(node: string, key: string, estimate: NodeEstimate): void {
      state.estimates.note({ node: state.nodeOf(node), key }, { estimate, atMs: state.nowMs() });
    },
    /** Whether a worker for requests with this key is being made there. */
    isMaking: (node: string, key: string): boolean =>
      [...state.nodeOf(node).makings].some((making) => making.key === key),
    /** Requests that a worker runs or is reserved for; undefined when it is gone. */
    runningOn: (worker: WorkerKey): number | undefined => workers.get(workerKey(worker))?.running,
  };
}

function showWorkers(state: ViewState) {
  const told = () => [...state.workers.values()].map((worker) => worker.told);
  const shown = (name: string) => state.nodeOf(name).told;
  return {
    findWorker: (id: string): ViewWorker | undefined => told().find((worker) => worker.id === id),
    listWorkers: (): ViewWorker[] =>
      told().toSorted((a, b) => workerKey(a).localeCompare(workerKey(b))),
    findNode: (name: string): ViewNode | undefined =>
      state.listNodes().some((node) => node.name === name) ? shown(name) : undefined,
    /** As any node's catalogue says it. */
    findModelSize(reference: string): number | undefined {
      for (const { models, modelList } of state.listNodes()) {
        if (!models.has(reference)) continue;
        return modelList.find((model) => model.reference === reference)?.size_bytes;
      }
      return undefined;
    },
    listNodes: (): ViewNode[] => state.listNodes().map((node) => node.told),
    /** The models on the disk of each node, in the order of the nodes. */
    listModels: (): { readonly node: string; readonly models: readonly NodeModel[] }[] =>
      state.listNodes().map(({ name, modelList }) => ({ node: name, models: modelList })),
  };
}

function readFacts(state: ViewState, options: ViewOptions, nowMs: number): PlacementFacts {
  state.advance(nowMs);
  const { index, prefixes, nodes } = state;
  const { isPinned = () => false, limits = () => placementLimits.eviction } = options;
  const ordered = state.listNodes();
  return {
    nowMs,
    nodes: ordered,
    ordered: state.orders,
    findNode: (name) => nodes.get(name),
    workersOf: index.workersOf,
    freeWorkersOf: index.freeWorkersOf,
    *prefixMatches(model, prefix): Generator<PrefixMatch, void, void> {
      for (const { worker, blocks } of prefixes.matches(prefix)) {
        if (worker.model !== model) continue;
        yield { worker, characters: blocks * prefix.blockCharacters };
      }
    },
    holdersOf: state.holdersOf,
    estimatesOf: (key) => state.estimates.estimatesOf(key, nowMs),
    isPinned,
    limits: limits(),
  };
}
