import { sizes } from "@rbee/contract";
import type { MemoryPlace, NodeFacts, PlacementFacts, WorkerFacts } from "./placement-facts.ts";

/** A request for which every node is short of memory. */
export interface RoomNeed {
  readonly request: {
    readonly model: string;
    /** Since when it waits, by the clock of the facts. */
    readonly waitsSinceMs?: number | undefined;
  };
  /** See `placementKey`. */
  readonly key: string;
  /** Those that are short; each has an estimate for the key. */
  readonly nodes: readonly NodeFacts[];
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

// Among very many nodes the best of so many is good enough; those with the model come first.
const candidatesMax = 32;

interface Candidate {
  readonly node: NodeFacts;
  readonly workers: readonly WorkerFacts[];
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
  const idle = planOnEach(need, facts, (worker) => mayStop(worker, { facts, isImpatient }));
  const plan = chooseCandidate(need, idle);
  if (plan !== undefined) return { kind: "evict", node: plan.node.name, workers: plan.workers };
  if (isImpatient) {
    const busy = planOnEach(need, facts, (worker) => mayDrain(worker, facts));
    const drained = chooseCandidate(need, busy);
    if (drained !== undefined) {
      return { kind: "evict", node: drained.node.name, workers: drained.workers };
    }
  }
  const hopeful: NodeFacts[] = [];
  for (const node of need.nodes) {
    if (hopeful.length >= candidatesMax) break;
    if (hasHope(need, node, facts)) hopeful.push(node);
  }
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

function planOnEach(
  need: RoomNeed,
  facts: PlacementFacts,
  may: (worker: WorkerFacts) => boolean,
): readonly Candidate[] {
  const found: Candidate[] = [];
  const { model } = need.request;
  for (const isOnDisk of [true, false]) {
    for (const node of need.nodes) {
      if (found.length >= candidatesMax) return found;
      if (node.models.has(model) !== isOnDisk || isTakenByOthers(node)) continue;
      for (const place of placesOf(need, node, facts)) {
        const workers: WorkerFacts[] = [];
        for (const one of node.workers) if (one.pool === place.pool && may(one)) workers.push(one);
        if (workers.length === 0) continue;
        const chosen = chooseWorkers(workers, place.shortMb * sizes.bytesPerMb);
        if (chosen !== undefined) found.push({ node, workers: chosen });
      }
    }
  }
  return found;
}

function isTakenByOthers(node: NodeFacts): boolean {
  if (node.makings.size === 0) return false;
  return [...node.makings].some(({ isEvicting }) => isEvicting);
}

function placesOf(need: RoomNeed, node: NodeFacts, facts: PlacementFacts): readonly MemoryPlace[] {
  const estimate = facts.estimateOf(node.name, need.key);
  return estimate?.verdict === "short" ? estimate.places : [];
}

/** The least recently used that is enough alone, else the least recently used that are together. */
function chooseWorkers(
  workers: readonly WorkerFacts[],
  shortBytes: number,
): readonly WorkerFacts[] | undefined {
  const byUse = workers.toSorted(
    (left, right) => left.running - right.running || left.lastUsedMs - right.lastUsedMs,
  );
  const alone = byUse.find(({ memoryBytes }) => memoryBytes >= shortBytes);
  if (alone !== undefined) return [alone];
  const chosen: WorkerFacts[] = [];
  let freed = 0;
  for (const worker of byUse) {
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

function chooseCandidate(
  { request }: RoomNeed,
  candidates: readonly Candidate[],
): Candidate | undefined {
  const running = ({ workers }: Candidate) =>
    workers.reduce((sum, worker) => sum + worker.running, 0);
  const lastUse = ({ workers }: Candidate) =>
    Math.max(...workers.map(({ lastUsedMs }) => lastUsedMs));
  return candidates.toSorted(
    (left, right) =>
      Number(running(left) > 0) - Number(running(right) > 0) ||
      Number(right.node.models.has(request.model)) - Number(left.node.models.has(request.model)) ||
      lastUse(left) - lastUse(right) ||
      running(left) - running(right) ||
      left.node.name.localeCompare(right.node.name),
  )[0];
}

// Everything that is not pinned ends some time, also what comes up and what leaves already.
function hasHope(need: RoomNeed, node: NodeFacts, facts: PlacementFacts): boolean {
  return placesOf(need, node, facts).some(({ pool, shortMb }) => {
    const workers = [...node.workers].filter((worker) => worker.pool === pool);
    const freed = workers
      .filter(({ model }) => !facts.isPinned(model))
      .reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    return freed >= shortMb * sizes.bytesPerMb;
  });
}

function nextChangeMs(
  { request }: RoomNeed,
  nodes: readonly NodeFacts[],
  { nowMs, limits }: PlacementFacts,
): number {
  const { residencyMs, patienceMs, lookAgainMs } = limits;
  const ages = nodes
    .flatMap((node) => [...node.workers])
    .flatMap(({ readySinceMs }) => readySinceMs ?? [])
    .flatMap((since) => [since + residencyMs, since + residencyMs * impatientShare]);
  const moments = [...ages, (request.waitsSinceMs ?? nowMs) + patienceMs];
  const future = moments.filter((moment) => moment > nowMs);
  return Math.min(nowMs + lookAgainMs, ...future);
}
