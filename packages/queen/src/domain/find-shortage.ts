import { allowedNodes } from "./choose-node.ts";
import { placementKey } from "./place-task.ts";
import type { PlacementRequest } from "./place-task.ts";
import type { PlacementFacts } from "./placement-facts.ts";

/** What a model needs on a node, and what there is. */
export interface RoomShortage {
  readonly node: string;
  readonly requiredMb: number;
  readonly availableMb: number;
}

/** Of the nodes that are short of memory the one that lacks least. */
export function findShortage(
  request: PlacementRequest,
  facts: PlacementFacts,
): RoomShortage | undefined {
  const estimates = facts.estimatesOf(placementKey(request));
  let nearest: RoomShortage | undefined;
  for (const node of allowedNodes(request, facts)) {
    const estimate = estimates.of(node);
    if (estimate?.verdict !== "short") continue;
    const { code, details } = estimate.refusal;
    if (code !== "INSUFFICIENT_RAM" && code !== "VRAM_EXHAUSTED") continue;
    const { required: requiredMb, available: availableMb } = details;
    const isNearer =
      nearest === undefined || requiredMb - availableMb < nearest.requiredMb - nearest.availableMb;
    if (isNearer) nearest = { node: node.name, requiredMb, availableMb };
  }
  return nearest;
}
