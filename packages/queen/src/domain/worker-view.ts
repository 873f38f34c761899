import { localNodeName } from "@rbee/contract";
import type { DevicesOnWire, WorkerState } from "@rbee/contract";
import type { NodeFacts, PlacementFacts, WorkerFacts } from "./place-task.ts";
import { advanceWeight, isOnProbation, weightAt } from "./worker-weight.ts";
import type { WorkerOutcome, WorkerWeight } from "./worker-weight.ts";

export interface ViewWorker {
  readonly id: string;
  readonly node: string;
  readonly url: string | null;
  readonly state: WorkerState;
  readonly model: string;
  readonly backend: string;
  readonly device: number;
  readonly slotsTotal: number;
  /** As the hive last said it; what tasks hold here is counted apart. */
  readonly slotsAvailable: number;
  readonly context: number;
  readonly memoryBytes: number;
  readonly lastActivity: string | null;
  readonly pid: number | null;
}

export type NodeStatus = "unknown" | "reachable" | "unreachable";

export interface ViewNode {
  readonly name: string;
  readonly status: NodeStatus;
  readonly version: string | null;
  readonly devices: DevicesOnWire | null;
  readonly lastSeen: string | null;
  readonly lastError: string | null;
  /** True when the machine answers and no hive listens there: one is started when it is needed. */
  readonly isHiveStopped: boolean;
}

export interface NodeSnapshot {
  readonly version: string;
  readonly devices: DevicesOnWire;
  readonly workers: readonly ViewWorker[];
}

/** A worker on its node; ids alone are only unique on one node. */
export interface WorkerKey {
  readonly node: string;
  readonly id: string;
}

export type WorkerView = ReturnType<typeof createWorkerView>;

/**
 * All nodes and workers as the queen knows them, fed by what the hives tell. It also keeps which
 * task holds which slot: a reservation is made in the same turn as the decision to use a worker, so
 * two tasks never take one slot. Memory only; a restarted queen asks the hives again.
 */
export function createWorkerView(nodeNames: () => readonly string[]) {
  const nodes = new Map<string, ViewNode>();
  const workers = new Map<string, ViewWorker>();
  const ledger = createSlotLedger();

  const change = (name: string, patch: Partial<ViewNode>) => {
    nodes.set(name, { ...(nodes.get(name) ?? unknownNode(name)), ...patch });
  };
  const listNodes = () => nodeNames().map((name) => nodes.get(name) ?? unknownNode(name));
  const dropWorkers = (name: string) => {
    for (const [key, worker] of workers) if (worker.node === name) workers.delete(key);
  };
  return {
    /** The whole truth of a node; replaces what was known of its workers. */
    snapshot(name: string, { version, devices, workers: list }: NodeSnapshot, now: string): void {
      change(name, { status: "reachable", version, devices, lastSeen: now, ...fine });
      dropWorkers(name);
      ledger.keepOnly(name, new Set(list.map(keyOf)));
      for (const worker of list) workers.set(keyOf(worker), worker);
    },
    workerChanged(worker: ViewWorker): void {
      workers.set(keyOf(worker), worker);
      if (worker.slotsAvailable > 0) ledger.allow(worker);
    },
    workerGone(worker: WorkerKey): void {
      workers.delete(keyOf(worker));
      ledger.forget(worker);
    },
    /** Its machine was looked at again. */
    devicesRead(name: string, devices: DevicesOnWire): void {
      if (nodes.has(name)) change(name, { devices });
    },
    heard(name: string, now: string): void {
      change(name, { lastSeen: now });
    },
    /** The hive cannot be heard any more: nobody knows what its workers do. */
    lost(name: string, reason: string, isHiveStopped: boolean): void {
      change(name, { status: "unreachable", lastError: reason, isHiveStopped });
      dropWorkers(name);
    },
    /** False when no slot is free: then nothing is reserved. */
    reserve(worker: WorkerKey, taskId: string, nowMs: number): boolean {
      const known = workers.get(keyOf(worker));
      if (known === undefined || ledger.free(known, nowMs) <= 0) return false;
      ledger.reserve(worker, taskId);
      return true;
    },
    release: ledger.release,
    /** How a request at this worker ended; moves its weight. */
    noteOutcome: ledger.noteOutcome,
    weightOf: ledger.weightOf,
    /** The worker itself said that it has no slot: not asked again until then, or until it says so. */
    refuse: ledger.refuse,
    /** The worker was made for exactly this request, whatever it says of itself. */
    madeFor: ledger.madeFor,
    findWorker: (id: string): ViewWorker | undefined =>
      [...workers.values()].find((worker) => worker.id === id),
    listWorkers: (): ViewWorker[] =>
      [...workers.values()].toSorted((a, b) => keyOf(a).localeCompare(keyOf(b))),
    findNode: (name: string): ViewNode | undefined =>
      listNodes().find((node) => node.name === name),
    listNodes,
    /** The node is registered no more. */
    forget(name: string): void {
      nodes.delete(name);
      dropWorkers(name);
      ledger.keepOnly(name, new Set());
    },
    facts: (nowMs: number): PlacementFacts => {
      const all = [...workers.values()];
      return { nodes: listNodes().map((node) => nodeFacts(node, all, { ledger, nowMs })) };
    },
  };
}

interface Slots {
  readonly ledger: SlotLedger;
  readonly nowMs: number;
}

function nodeFacts(
  { name, status, devices }: ViewNode,
  workers: readonly ViewWorker[],
  { ledger, nowMs }: Slots,
): NodeFacts {
  return {
    name,
    isLocal: name === localNodeName,
    status,
    backends: devices?.backends ?? null,
    memoryFreeBytes: devices?.ram.available_bytes ?? 0,
    workers: workers
      .filter((worker) => worker.node === name)
      .map((worker) => workerFacts(worker, ledger, nowMs)),
  };
}

const fine = { lastError: null, isHiveStopped: false };

function unknownNode(name: string): ViewNode {
  const unknown = { version: null, devices: null, lastSeen: null, ...fine };
  return { name, status: "unknown", ...unknown };
}

function workerFacts(worker: ViewWorker, ledger: SlotLedger, nowMs: number): WorkerFacts {
  const { id, node, state, model, backend, device, context, slotsTotal } = worker;
  return {
    id,
    node,
    state,
    model,
    backend,
    device,
    context,
    slotsTotal,
    slotsFree: ledger.free(worker, nowMs),
    weight: ledger.weightOf(worker, nowMs),
    madeFor: ledger.requestsOf(worker),
  };
}

function keyOf({ node, id }: WorkerKey): string {
  return `${node}/${id}`;
}

type SlotLedger = ReturnType<typeof createSlotLedger>;

// What the queen itself knows of slots. A hive's figures arrive later than the queen's next
// decision, so they are shown to people but a slot counts as taken by reservation.
function createSlotLedger() {
  const holders = new Map<string, Set<string>>();
  const refusedUntilMs = new Map<string, number>();
  const requests = new Map<string, Set<string>>();
  const weights = new Map<string, WorkerWeight>();
  const weightOf = (worker: WorkerKey, nowMs: number) =>
    weightAt(weights.get(keyOf(worker)), nowMs);
  return {
    free(worker: ViewWorker, nowMs: number): number {
      if ((refusedUntilMs.get(keyOf(worker)) ?? 0) > nowMs) return 0;
      const slots = isOnProbation(weightOf(worker, nowMs)) ? 1 : worker.slotsTotal;
      return slots - (holders.get(keyOf(worker))?.size ?? 0);
    },
    weightOf,
    noteOutcome(worker: WorkerKey, outcome: WorkerOutcome, nowMs: number): void {
      const before = weights.get(keyOf(worker));
      if (before === undefined && !outcome.isFailure) return;
      weights.set(keyOf(worker), advanceWeight(before, outcome, nowMs));
    },
    reserve(worker: WorkerKey, taskId: string): void {
      const tasks = holders.get(keyOf(worker)) ?? new Set();
      holders.set(keyOf(worker), tasks.add(taskId));
    },
    release(taskId: string): void {
      for (const [key, tasks] of holders) {
        if (tasks.delete(taskId) && tasks.size === 0) holders.delete(key);
      }
    },
    refuse(worker: WorkerKey, untilMs: number): void {
      refusedUntilMs.set(keyOf(worker), untilMs);
    },
    allow(worker: WorkerKey): void {
      refusedUntilMs.delete(keyOf(worker));
    },
    madeFor(worker: WorkerKey, requestKey: string): void {
      const keys = requests.get(keyOf(worker)) ?? new Set();
      requests.set(keyOf(worker), keys.add(requestKey));
    },
    requestsOf: (worker: WorkerKey): ReadonlySet<string> =>
      requests.get(keyOf(worker)) ?? new Set(),
    /** What is told of a node's workers that are not there any more is forgotten. */
    keepOnly(node: string, keys: ReadonlySet<string>): void {
      const known = [...refusedUntilMs.keys(), ...requests.keys(), ...weights.keys()];
      for (const key of known) {
        if (!key.startsWith(`${node}/`) || keys.has(key)) continue;
        refusedUntilMs.delete(key);
        requests.delete(key);
        weights.delete(key);
      }
    },
    forget(worker: WorkerKey): void {
      refusedUntilMs.delete(keyOf(worker));
      requests.delete(keyOf(worker));
      weights.delete(keyOf(worker));
    },
  };
}
