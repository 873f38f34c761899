import { sizes } from "@rbee/contract";
import { isAllowed, mayBeFreed, named, refuseNode } from "./choose-node.ts";
import type { NodeWish } from "./choose-node.ts";
import type {
  KeyEstimates,
  MemoryPlace,
  NodeFacts,
  PlacementFacts,
  WorkerFacts,
} from "./placement-facts.ts";

/** A request for which every node is short of memory. */
export interface RoomNeed {
  readonly request: NodeWish & {
    /** Since when it waits, by the clock of the facts. */
    readonly waitsSinceMs?: number | undefined;
  };
  /** See `placementKey`. */
  readonly key: string;
}

export type EvictionPlan =
  /** Stop these, all on that node; one that still runs requests is drained first. */
  | { readonly kind: "evict"; readonly node: string; readonly workers: readonly WorkerFacts[] }
  /** There will be room, but nobody may be stopped for it yet. */
  | { readonly kind: "wait"; readonly lookAgainAtMs: number }
  /** It would not fit even if everything that may be stopped were. */
  | { readonly kind: "never" };

// Whoever waited too long may stop a worker this much sooner, but still not at once: those whom it
// was loaded for have their turn.
const impatientShare = 1 / 4;

// So many nodes are looked at to find when another decision is due; whatever happens before is heard.
const hopefulMax = 32;

interface Candidate {
  readonly node: NodeFacts;
  readonly workers: readonly WorkerFacts[];
  readonly lastUseMs: number;
  readonly running: number;
}

/**
 * Whom to stop so that a model fits:
 *
 * 1. Never a worker that is pinned or leaves already. A node where room is being made for somebody
 *    else is left alone until that is over.
 * 2. Idle workers that were ready for the minimum residency, the least recently used first: the
 *    first that is large enough alone, else as many as it takes and no more.
 * 3. For a task that waits beyond its patience also younger and busy ones: these get nothing new,
 *    end what they run, and are stopped then.
 * 4. Of several nodes one that has the model on its disk, then the one whose workers were used
 *    longest ago.
 */
export function planEviction(need: RoomNeed, facts: PlacementFacts): EvictionPlan {
  const { nowMs, limits } = facts;
  const waitedMs = nowMs - (need.request.waitsSinceMs ?? nowMs);
  const isImpatient = waitedMs >= limits.patienceMs;
  const idle: Search = {
    may: (worker) => mayStop(worker, { facts, isImpatient }),
    leastRunning: 0,
    inOrder: facts.ordered.byIdleUse,
    leastUsedMs: ({ load }) => load.idleLeastUsedMs,
    eldestReadyMs: ({ load }) => load.idleEldestReadyMs,
  };
  const busy: Search = {
    may: (worker) => mayDrain(worker, facts),
    // An idle one that were enough would have been found before.
    leastRunning: 1,
    inOrder: facts.ordered.byUse,
    leastUsedMs: ({ load }) => load.leastUsedMs,
    eldestReadyMs: ({ load }) => load.eldestReadyMs,
  };
  const best = findBest(need, facts, idle) ?? (isImpatient && findBest(need, facts, busy));
  if (best) return { kind: "evict", node: best.node.name, workers: best.workers };
  const hopeful = findHopeful(need, facts);
  if (hopeful.length === 0) return { kind: "never" };
  return { kind: "wait", lookAgainAtMs: nextChangeMs(need, hopeful, facts) };
}

/** Why a worker may not be stopped for others now; undefined when it may. */
export function keepReason(
  worker: WorkerFacts,
  facts: PlacementFacts,
): "pinned" | "busy" | "young" | "leaving" | "coming-up" | undefined {
  const { nowMs, limits } = facts;
  if (worker.isLeaving || worker.state === "draining") return "leaving";
  if (facts.isPinned(worker.model)) return "pinned";
  if (worker.readySinceMs === null) return "coming-up";
  if (worker.running > 0) return "busy";
  return nowMs - worker.readySinceMs < limits.residencyMs ? "young" : undefined;
}

interface Patience {
  readonly facts: PlacementFacts;
  readonly isImpatient: boolean;
}

function mayStop(worker: WorkerFacts, { facts, isImpatient }: Patience): boolean {
  // Most workers fall out here, at the lowest price.
  if (worker.running > 0 || !isOldEnough(worker, facts)) return false;
  const reason = keepReason(worker, facts);
  return reason === undefined || (isImpatient && reason === "young" && isOldEnough(worker, facts));
}

function mayDrain(worker: WorkerFacts, facts: PlacementFacts): boolean {
  const reason = keepReason(worker, facts);
  if (reason === "busy" || reason === "young") return isOldEnough(worker, facts);
  return reason === undefined;
}

function isOldEnough({ readySinceMs }: WorkerFacts, { nowMs, limits }: PlacementFacts): boolean {
  return readySinceMs !== null && nowMs - readySinceMs >= limits.residencyMs * impatientShare;
}

interface Search {
  readonly may: (worker: WorkerFacts) => boolean;
  readonly inOrder: () => readonly NodeFacts[];
  /** No plan for that node can have a last use before this. */
  readonly leastUsedMs: (node: NodeFacts) => number;
  /** No plan has fewer requests to wait for. */
  readonly leastRunning: number;
  /** None of its workers is ready for longer than since this. */
  readonly eldestReadyMs: (node: NodeFacts) => number;
}

// The node that promises most comes first, so mostly one plan is made and not a thousand.
function findBest(need: RoomNeed, facts: PlacementFacts, search: Search): Candidate | undefined {
  const { request } = need;
  const estimates = facts.estimatesOf(need.key);
  const latestReadyMs = facts.nowMs - facts.limits.residencyMs * impatientShare;
  const nodes = named(request, facts) ?? search.inOrder();
  for (const isOnDisk of facts.holdersOf(request.model) > 0 ? [true, false] : [false]) {
    let best: Candidate | undefined;
    for (const node of nodes) {
      if (best !== undefined && !mayBeat(node, best, search)) break;
      if (search.eldestReadyMs(node) > latestReadyMs || !mayBeFreed(node, estimates)) continue;
      if (node.models.has(request.model) !== isOnDisk || isTakenByOthers(node)) continue;
      for (const place of shortPlaces(request, node, estimates)) {
        best = betterOf(best, planOn(node, place, search));
      }
    }
    if (best !== undefined) return best;
  }
  return undefined;
}

function planOn(
  node: NodeFacts,
  { pool, shortMb }: MemoryPlace,
  { may }: Search,
): Candidate | undefined {
  const allowed: WorkerFacts[] = [];
  for (const one of node.workers) if (one.pool === pool && may(one)) allowed.push(one);
  const workers = allowed.length > 0 && chooseWorkers(allowed, shortMb * sizes.bytesPerMb);
  if (!workers) return undefined;
  let lastUseMs = -Infinity;
  let running = 0;
  for (const worker of workers) {
    lastUseMs = Math.max(lastUseMs, worker.lastUsedMs);
    running += worker.running;
  }
  return { node, workers, lastUseMs, running };
}

function betterOf(best: Candidate | undefined, plan: Candidate | undefined) {
  if (best === undefined || plan === undefined) return best ?? plan;
  return isBetter(plan, best) ? plan : best;
}

function isBetter(left: Candidate, right: Candidate): boolean {
  const compared = left.lastUseMs - right.lastUseMs || left.running - right.running;
  return (compared || (left.node.name < right.node.name ? -1 : 1)) < 0;
}

// Whether a plan for that node, or one behind it, could be better than the best one yet.
function mayBeat(node: NodeFacts, best: Candidate, search: Search): boolean {
  const leastUsedMs = search.leastUsedMs(node);
  if (leastUsedMs !== best.lastUseMs) return leastUsedMs < best.lastUseMs;
  return search.leastRunning < best.running || node.name < best.node.name;
}

function isTakenByOthers(node: NodeFacts): boolean {
  if (node.makings.size === 0) return false;
  return [...node.makings].some(({ isEvicting }) => isEvicting);
}

// Where on a node there would be room if enough were stopped.
function shortPlaces(
  request: NodeWish,
  node: NodeFacts,
  estimates: KeyEstimates,
): readonly MemoryPlace[] {
  if (!mayBeFreed(node, estimates)) return [];
  if (!isAllowed(request, node) || refuseNode(request, node) !== undefined) return [];
  const estimate = estimates.of(node);
  return estimate?.verdict === "short" ? estimate.places : [];
}

/** The least recently used that is enough alone, else the least recently used that are together. */
function chooseWorkers(
  workers: readonly WorkerFacts[],
  shortBytes: number,
): readonly WorkerFacts[] | undefined {
  let alone: WorkerFacts | undefined;
  for (const worker of workers) {
    if (worker.memoryBytes < shortBytes) continue;
    if (alone === undefined || compareUse(worker, alone) < 0) alone = worker;
  }
  if (alone !== undefined) return [alone];
  const chosen: WorkerFacts[] = [];
  let freed = 0;
  for (const worker of workers.toSorted(compareUse)) {
    if (freed >= shortBytes) break;
    chosen.push(worker);
    freed += worker.memoryBytes;
  }
  if (freed < shortBytes) return undefined;
  // The last one may have made an earlier one needless; the most recently used are spared first.
  for (const worker of chosen.toReversed()) {
    if (freed - worker.memoryBytes < shortBytes) continue;
    chosen.splice(chosen.indexOf(worker), 1);
    freed -= worker.memoryBytes;
  }
  return chosen;
}

function compareUse(left: WorkerFacts, right: WorkerFacts): number {
  return left.running - right.running || left.lastUsedMs - right.lastUsedMs;
}

function findHopeful(need: RoomNeed, facts: PlacementFacts): readonly NodeFacts[] {
  const estimates = facts.estimatesOf(need.key);
  const hopeful: NodeFacts[] = [];
  for (const node of named(need.request, facts) ?? facts.nodes) {
    if (hopeful.length >= hopefulMax) break;
    const isHopeful = shortPlaces(need.request, node, estimates).some(
      (place) =>
        // Between two workers nobody is there, and the room is promised; that ends some time, too.
        node.makings.size > 0 ||
        freeableBytes(node, place, facts) >= place.shortMb * sizes.bytesPerMb,
    );
    if (isHopeful) hopeful.push(node);
  }
  return hopeful;
}

// Everything that is not pinned ends some time, also what comes up and what leaves already.
function freeableBytes(node: NodeFacts, { pool }: MemoryPlace, facts: PlacementFacts): number {
  let bytes = 0;
  for (const worker of node.workers) {
    if (worker.pool === pool && !facts.isPinned(worker.model)) bytes += worker.memoryBytes;
  }
  return bytes;
}

function nextChangeMs(
  { request }: RoomNeed,
  nodes: readonly NodeFacts[],
  { nowMs, limits }: PlacementFacts,
): number {
  const { residencyMs, patienceMs, lookAgainMs } = limits;
  let nextMs = nowMs + lookAgainMs;
  const consider = (moment: number) => {
    if (moment > nowMs) nextMs = Math.min(nextMs, moment);
  };
  consider((request.waitsSinceMs ?? nowMs) + patienceMs);
  for (const node of nodes) {
    for (const { readySinceMs } of node.workers) {
      if (readySinceMs === null) continue;
      consider(readySinceMs + residencyMs);
      consider(readySinceMs + residencyMs * impatientShare);
    }
  }
  return nextMs;
}
