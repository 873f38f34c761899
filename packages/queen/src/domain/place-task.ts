import { chooseNode, isAllowed, named, refuseNode } from "./choose-node.ts";
import type { NodeMerit } from "./choose-node.ts";
import { planEviction } from "./plan-eviction.ts";
import type { NodeEstimate, PlacementFacts, Refusal, WorkerFacts } from "./placement-facts.ts";
import type { PromptPrefix } from "./prompt-prefix.ts";
import { isAtFloor } from "./worker-weight.ts";

/** Where a task may run. Absent fields leave the choice to the queen. */
export interface PlacementRequest {
  readonly model: string;
  readonly node?: string | undefined;
  readonly backend?: string | undefined;
  readonly device?: number | undefined;
  readonly context?: number | undefined;
  readonly mayWait: boolean;
  /** Its text, so that it goes where the beginning of it was seen before. */
  readonly prefix?: PromptPrefix | undefined;
  /** Since when it waits in the queue, by the clock of the facts; absent: it has just come. */
  readonly waitsSinceMs?: number | undefined;
}

export type Placement =
  | { readonly kind: "use"; readonly worker: WorkerFacts; readonly reason: UseReason }
  /** `lookAgainAtMs`: when the decision may be another one though nothing has happened. */
  | { readonly kind: "wait"; readonly for: "slot" | "room"; readonly lookAgainAtMs?: number }
  | { readonly kind: "spawn"; readonly node: string; readonly reason: NodeMerit }
  /** Start it there once these workers are stopped; one that is busy ends its requests first. */
  | { readonly kind: "evict"; readonly node: string; readonly workers: readonly WorkerFacts[] }
  /** With the reason of the node that was nearest to taking it. */
  | { readonly kind: "refuse"; readonly refusal: Refusal };

export type UseReason = "most-room" | "same-prefix";

// So many workers that saw the beginning of a prompt are looked at; a popular one was seen by all.
const matchesLookedAt = 64;

/**
 * Decides where a task goes.
 *
 * 1. The named node is not known: refuse. Unnamed, a node elsewhere counts only while it is heard.
 *    No node counts whose hive is being stopped.
 * 2. Ready workers on allowed nodes keep the request and have a free slot: of these the one that
 *    saw most of the prompt, unless it is much busier than the one with the most room.
 * 3. Workers that keep the request are all busy: wait, or refuse when the task may not.
 * 4. A node may take a new worker, as far as is known: spawn there.
 * 5. All are short of memory: stop what nobody needs, or wait until somebody can be stopped.
 * 6. No node may: refuse.
 */
export function placeTask(request: PlacementRequest, facts: PlacementFacts): Placement {
  // 1.
  if (request.node !== undefined && facts.findNode(request.node) === undefined) {
    return refuse({ code: "NODE_NOT_FOUND", details: { node: request.node } });
  }
  // 2.
  const use = chooseWorker(request, facts);
  if (use !== undefined) return use;
  // 3.
  const key = placementKey(request);
  const ready = firstReady(request, key, facts);
  if (ready !== undefined) {
    return request.mayWait ? { kind: "wait", for: "slot" } : refuseBusy(request, key, facts);
  }
  // 4.
  const { best, isRoomPossible } = chooseNode(request, key, facts);
  if (best !== undefined) return { kind: "spawn", node: best.node.name, reason: best.merit };
  // 5.
  const plan = isRoomPossible ? planEviction({ request, key }, facts) : undefined;
  if (plan?.kind === "evict") return plan;
  if (plan?.kind === "wait" && request.mayWait) return { ...plan, for: "room" };
  // 6.
  return refuse(nearestRefusal(request, key, facts));
}

/** Equal for requests that one worker serves alike. */
export function placementKey(
  request: Pick<PlacementRequest, "model" | "backend" | "device" | "context">,
): string {
  const { model, backend = null, device = null, context = null } = request;
  return JSON.stringify([model, backend, device, context]);
}

/** How a worker of a request's model stands to it, slots apart. */
export function isReadyFor(
  request: PlacementRequest,
  worker: WorkerFacts,
  { key, facts }: { readonly key: string; readonly facts: PlacementFacts },
): boolean {
  return (
    (worker.state === "idle" || worker.state === "busy") &&
    !worker.isLeaving &&
    (request.node === undefined || request.node === worker.node) &&
    facts.findNode(worker.node)?.isDraining === false &&
    (worker.madeFor.has(key) || keepsRequest(request, worker))
  );
}

function keepsRequest(request: PlacementRequest, worker: WorkerFacts): boolean {
  return (
    worker.model === request.model &&
    (request.backend ?? worker.backend) === worker.backend &&
    (request.device ?? worker.device) === worker.device &&
    (request.context ?? 0) <= worker.context
  );
}

function chooseWorker(request: PlacementRequest, facts: PlacementFacts): Placement | undefined {
  const { model, prefix } = request;
  const about = { key: placementKey(request), facts };
  let roomiest: WorkerFacts | undefined;
  for (const worker of facts.freeWorkersOf(model)) {
    if (!isReadyFor(request, worker, about)) continue;
    roomiest = worker;
    break;
  }
  if (roomiest === undefined) return undefined;
  // A worker that fails at once always has a free slot: it must not get what a good one could serve
  // a moment later.
  if (isAtFloor(roomiest.weight) && hasTrusted(request, about)) return undefined;
  const use = { kind: "use", worker: roomiest, reason: "most-room" } as const;
  if (prefix === undefined) return use;
  let looks = 0;
  for (const { worker, characters } of facts.prefixMatches(model, prefix)) {
    looks += 1;
    if (looks > matchesLookedAt) break;
    if (worker.slotsFree <= 0 || !isReadyFor(request, worker, about)) continue;
    // Load guard: the share of the prompt that need not be computed again has to outweigh how much
    // busier that worker is, or one worker would attract everything that begins alike.
    const share = characters / Math.max(1, prefix.characters);
    const isWorthIt = share * worker.weight > loadOf(worker) - loadOf(roomiest);
    if (isWorthIt) return { kind: "use", worker, reason: "same-prefix" };
  }
  return use;
}

// The taken share of its slots, from 0 to 1.
function loadOf({ slotsFree, slotsTotal }: WorkerFacts): number {
  return 1 - slotsFree / Math.max(1, slotsTotal);
}

function hasTrusted(
  request: PlacementRequest,
  about: { readonly key: string; readonly facts: PlacementFacts },
): boolean {
  for (const worker of about.facts.workersOf(request.model)) {
    if (!isAtFloor(worker.weight) && isReadyFor(request, worker, about)) return true;
  }
  return false;
}

function firstReady(
  request: PlacementRequest,
  key: string,
  facts: PlacementFacts,
): WorkerFacts | undefined {
  for (const worker of facts.workersOf(request.model)) {
    if (isReadyFor(request, worker, { key, facts })) return worker;
  }
  return undefined;
}

function refuseBusy(request: PlacementRequest, key: string, facts: PlacementFacts): Placement {
  const { model } = request;
  const workers = [...facts.workersOf(model)].filter((worker) =>
    isReadyFor(request, worker, { key, facts }),
  );
  const total = workers.reduce((sum, worker) => sum + worker.slotsTotal, 0);
  const details = { slots_total: total, slots_busy: total, model };
  return refuse({ code: "ALL_SLOTS_BUSY", details });
}

// Of several reasons the one of the node that lacks least memory, else the first by name.
function nearestRefusal(request: PlacementRequest, key: string, facts: PlacementFacts): Refusal {
  const estimates = facts.estimatesOf(key);
  let nearest: Refusal | undefined;
  let leastMb = Infinity;
  for (const node of named(request, facts) ?? facts.nodes) {
    const lackMb = estimates.lackMb(node);
    if (nearest !== undefined && lackMb >= leastMb) continue;
    if (!isAllowed(request, node)) continue;
    const own = refuseNode(request, node);
    const refusal = own ?? refusalOf(estimates.of(node));
    if (refusal === undefined || (nearest !== undefined && own !== undefined)) continue;
    nearest = refusal;
    leastMb = own === undefined ? lackMb : Infinity;
  }
  // No node at all may be asked: none is registered and heard.
  return nearest ?? { code: "NODE_NOT_FOUND", details: { node: "" } };
}

function refusalOf(estimate: NodeEstimate | undefined): Refusal | undefined {
  return estimate === undefined || estimate.verdict === "fits" ? undefined : estimate.refusal;
}

function refuse(refusal: Refusal): Placement {
  return { kind: "refuse", refusal };
}
