import { placementKey, placeTask } from "./place-task.ts";
import type { Placement, PlacementRequest } from "./place-task.ts";
import { planEviction } from "./plan-eviction.ts";
import type { NodeFacts, PlacementFacts, Refusal, WorkerFacts } from "./placement-facts.ts";

export interface ExplainedChoice {
  readonly kind: Placement["kind"];
  readonly node: string | null;
  readonly workerId: string | null;
  readonly reason: string;
  readonly stops: readonly WorkerFacts[];
  readonly refusal: Refusal | undefined;
}

/** What would be done with a request that came now, in a sentence: `placeTask` itself decides. */
export function explainChoice(request: PlacementRequest, facts: PlacementFacts): ExplainedChoice {
  const placement = placeTask(request, facts);
  const base = { kind: placement.kind, node: null, workerId: null, stops: [], refusal: undefined };
  switch (placement.kind) {
    case "use": {
      const { id, node } = placement.worker;
      return { ...base, node, workerId: id, reason: explainUse(placement) };
    }
    case "wait":
      return { ...base, reason: waitReasons[placement.for] };
    case "spawn":
      return { ...base, node: placement.node, reason: spawnReasons[placement.reason] };
    case "evict": {
      const { node, workers } = placement;
      return { ...base, node, stops: workers, reason: explainStops(workers, facts) };
    }
    default: {
      const reason = "No node may take it.";
      return { ...base, reason, refusal: placement.refusal };
    }
  }
}

/** Whom she would stop on this one node, if it had to be this one. */
export function explainStopsOn(
  request: PlacementRequest,
  node: NodeFacts,
  facts: PlacementFacts,
): readonly WorkerFacts[] {
  const there = { ...request, node: node.name };
  const plan = planEviction({ request: there, key: placementKey(request) }, facts);
  return plan.kind === "evict" ? plan.workers : [];
}

const waitReasons = {
  slot: "All slots of the workers with this model are taken; the request waits in the queue.",
  room: "There is no room, and no worker may be stopped for it yet; the request waits.",
} as const;

const spawnReasons = {
  "comes-up": "A worker with this model comes up there already.",
  "on-disk": "It fits, and the model is on that node's disk.",
  "most-memory": "Of the nodes where it may fit this one has the most free memory.",
} as const;

function explainUse({ worker, reason }: Extract<Placement, { kind: "use" }>): string {
  const { slotsFree, slotsTotal } = worker;
  if (reason === "same-prefix") return "That worker saw the beginning of this prompt before.";
  return `The model is loaded there, and ${slotsFree} of ${slotsTotal} slots are free.`;
}

function explainStops(workers: readonly WorkerFacts[], { nowMs }: PlacementFacts): string {
  const names = workers.map(({ id, model, lastUsedMs }) => {
    const seconds = Math.max(0, Math.round((nowMs - lastUsedMs) / 1000));
    return `${id} (${model}, not used for ${seconds} s)`;
  });
  return `It fits once ${names.join(" and ")} ${names.length === 1 ? "is" : "are"} stopped.`;
}
