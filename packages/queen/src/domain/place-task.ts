import type { WorkerState } from "@rbee/contract";
import { isAtFloor } from "./worker-weight.ts";

/** Where a task may run. Absent fields leave the choice to the queen. */
export interface PlacementRequest {
  readonly model: string;
  readonly node?: string | undefined;
  readonly backend?: string | undefined;
  readonly device?: number | undefined;
  readonly context?: number | undefined;
  readonly mayWait: boolean;
}

export interface WorkerFacts {
  readonly id: string;
  readonly node: string;
  readonly state: WorkerState;
  readonly model: string;
  readonly backend: string;
  readonly device: number;
  readonly context: number;
  readonly slotsTotal: number;
  readonly slotsFree: number;
  /** How far it is trusted, see worker-weight.ts. */
  readonly weight: number;
  /** Requests (see `placementKey`) that this worker was made for. */
  readonly madeFor: ReadonlySet<string>;
}

export interface NodeFacts {
  readonly name: string;
  /** This machine, whose hive is started without a network. */
  readonly isLocal: boolean;
  readonly status: "unknown" | "reachable" | "unreachable";
  /** Null while nobody knows. */
  readonly backends: readonly string[] | null;
  readonly memoryFreeBytes: number;
  readonly workers: readonly WorkerFacts[];
}

export interface PlacementFacts {
  readonly nodes: readonly NodeFacts[];
}

export type Refusal =
  | { readonly code: "NODE_NOT_FOUND"; readonly details: { readonly node: string } }
  | {
      readonly code: "ALL_SLOTS_BUSY";
      readonly details: { slots_total: number; slots_busy: number; model: string };
    }
  | {
      readonly code: "BACKEND_UNAVAILABLE";
      readonly details: { backend: string; available: string[]; node: string };
    };

export type Placement =
  | { readonly kind: "use"; readonly worker: WorkerFacts }
  | { readonly kind: "wait" }
  | { readonly kind: "spawn"; readonly node: string }
  /** Never empty; one reason per node that was considered. */
  | { readonly kind: "refuse"; readonly refusals: readonly [Refusal, ...Refusal[]] };

/**
 * Decides where a task goes.
 *
 * 1. The named node is not known: refuse. Unnamed, a node elsewhere counts only while it is heard.
 * 2. A ready worker on an allowed node keeps the request and has a free slot: use it.
 * 3. Workers that keep the request are all busy: wait, or refuse when the task may not.
 * 4. A node may take a new worker: spawn there.
 * 5. No node may: refuse with the reason of each.
 */
export function placeTask(request: PlacementRequest, facts: PlacementFacts): Placement {
  const allowed = facts.nodes.filter((node) =>
    request.node === undefined
      ? node.isLocal || node.status === "reachable"
      : node.name === request.node,
  );
  // 1.
  if (allowed.length === 0) {
    const details = { node: request.node ?? "" };
    return { kind: "refuse", refusals: [{ code: "NODE_NOT_FOUND", details }] };
  }
  const ready = keepTrusted(allowed.flatMap((node) => node.workers).filter(isReadyFor(request)));
  const free = ready.filter((worker) => worker.slotsFree > 0).toSorted(byRoom);
  // 2.
  if (free[0] !== undefined) return { kind: "use", worker: free[0] };
  // 3.
  if (ready.length > 0) return request.mayWait ? { kind: "wait" } : refuseBusy(request, ready);
  // 4.
  const refusals = allowed.map((node) => refuseNode(request, node));
  const open = allowed.filter((_node, index) => refusals[index] === undefined);
  const best = open.toSorted(byPromise(request))[0];
  if (best !== undefined) return { kind: "spawn", node: best.name };
  // 5.
  const reasons = refusals.filter((refusal) => refusal !== undefined);
  return { kind: "refuse", refusals: reasons as [Refusal, ...Refusal[]] };
}

/** Equal for requests that one worker serves alike. */
export function placementKey(request: Omit<PlacementRequest, "mayWait" | "node">): string {
  const { model, backend = null, device = null, context = null } = request;
  return JSON.stringify([model, backend, device, context]);
}

function isReadyFor(request: PlacementRequest): (worker: WorkerFacts) => boolean {
  const key = placementKey(request);
  return (worker) =>
    (worker.state === "idle" || worker.state === "busy") &&
    (worker.madeFor.has(key) || keepsRequest(request, worker));
}

function keepsRequest(request: PlacementRequest, worker: WorkerFacts): boolean {
  return (
    worker.model === request.model &&
    (request.backend ?? worker.backend) === worker.backend &&
    (request.device ?? worker.device) === worker.device &&
    (request.context ?? 0) <= worker.context
  );
}

// A worker that fails at once always has a free slot: it must not get what a good one could serve a
// moment later.
function keepTrusted(ready: readonly WorkerFacts[]): readonly WorkerFacts[] {
  const trusted = ready.filter(({ weight }) => !isAtFloor(weight));
  return trusted.length > 0 ? trusted : ready;
}

function byRoom(left: WorkerFacts, right: WorkerFacts): number {
  const room = ({ slotsFree, weight }: WorkerFacts) => slotsFree * weight;
  return room(right) - room(left) || left.id.localeCompare(right.id);
}

function refuseBusy(request: PlacementRequest, workers: readonly WorkerFacts[]): Placement {
  const total = workers.reduce((sum, worker) => sum + worker.slotsTotal, 0);
  const details = { slots_total: total, slots_busy: total, model: request.model };
  return { kind: "refuse", refusals: [{ code: "ALL_SLOTS_BUSY", details }] };
}

// What is not known about a node is left to its hive to refuse.
function refuseNode({ backend }: PlacementRequest, node: NodeFacts): Refusal | undefined {
  if (backend === undefined || node.backends === null) return undefined;
  if (node.backends.includes(backend)) return undefined;
  const details = { backend, available: [...node.backends], node: node.name };
  return { code: "BACKEND_UNAVAILABLE", details };
}

const statusRank = { reachable: 0, unknown: 1, unreachable: 2 } as const;

// A node where the model comes up already, then one that answers, then the one with most memory.
function byPromise(request: PlacementRequest): (left: NodeFacts, right: NodeFacts) => number {
  const comingUp = (node: NodeFacts) =>
    node.workers.some(
      ({ state, model }) =>
        model === request.model && (state === "starting" || state === "loading"),
    );
  return (left, right) =>
    Number(comingUp(right)) - Number(comingUp(left)) ||
    statusRank[left.status] - statusRank[right.status] ||
    right.memoryFreeBytes - left.memoryFreeBytes ||
    left.name.localeCompare(right.name);
}
