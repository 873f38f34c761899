import { errorFromWire, placementLimits } from "@rbee/contract";
import type { ErrorCode, FoundError, PlacementEstimate } from "@rbee/contract";
import { placementKey } from "../domain/place-task.ts";
import type { PlacementRequest } from "../domain/place-task.ts";
import type { NodeEstimate, Refusal } from "../domain/placement-facts.ts";
import type { WorkerView } from "../domain/worker-view.ts";
import type { Hives, Hop, NodeAccess } from "../ports.ts";

export interface SurveyWorld {
  readonly hives: Pick<Hives, "client">;
  readonly view: Pick<WorkerView, "noteEstimate" | "changeOf" | "findModelSize">;
}

export interface Survey {
  readonly request: Pick<PlacementRequest, "model" | "backend" | "device" | "context">;
  readonly hop: Hop;
  /** Ask the hub about a model that nobody has. */
  readonly lookUp: boolean;
  /** Judge as if these workers were gone; such a judgement is not kept. */
  readonly without?: readonly string[];
}

// A node where workers come and go all the time is judged by its hive when one is to be started.
const asksMax = 3;

/**
 * Asks the hive of a node whether a request would fit there, and keeps what it says for the
 * decisions that follow. Undefined when it does not answer: then nothing is kept either.
 */
export async function surveyNode(
  world: SurveyWorld,
  node: NodeAccess,
  survey: Survey,
): Promise<PlacementEstimate | undefined> {
  const { view } = world;
  const { request, hop, without } = survey;
  try {
    for (let asks = 1; ; asks += 1) {
      const change = view.changeOf(node.name);
      const estimate = await askHive(world, node, survey);
      if (without !== undefined) return estimate;
      // A worker that was there when the hive judged may have gone since: kept, nobody would look
      // at that node again before the judgement is too old.
      const isStill = view.changeOf(node.name) === change;
      if (isStill) view.noteEstimate(node.name, placementKey(request), estimateFromWire(estimate));
      if (isStill || asks === asksMax) return estimate;
    }
  } catch {
    // Whoever wants to start a worker there will hear what is wrong with that hive.
    hop.signal.throwIfAborted();
    return undefined;
  }
}

async function askHive(
  { hives, view }: SurveyWorld,
  node: NodeAccess,
  { request, hop, lookUp, without }: Survey,
): Promise<PlacementEstimate> {
  const { model, backend, device, context } = request;
  const size_bytes = view.findModelSize(model);
  const wish = { model_ref: model, backend, device, context, size_bytes };
  const body = { ...wish, look_up: lookUp, without: without && [...without] };
  const timeoutMs = placementLimits.estimateTimeoutMs;
  return await hives.client(node, hop).call("estimatePlacement", { body, timeoutMs });
}

/** The same of many nodes, some at a time; in their order. */
export async function surveyNodes(
  world: SurveyWorld,
  nodes: readonly NodeAccess[],
  survey: Survey,
): Promise<(PlacementEstimate | undefined)[]> {
  const found: (PlacementEstimate | undefined)[] = nodes.map(() => undefined);
  const rest = nodes.entries();
  const work = async () => {
    for (const [index, node] of rest) found[index] = await surveyNode(world, node, survey);
  };
  await Promise.all(Array.from({ length: placementLimits.estimatesAtOnce }, work));
  return found;
}

/** What a decision makes of a hive's answer; what nobody knows is left to the hive to refuse. */
export function estimateFromWire(estimate: PlacementEstimate): NodeEstimate {
  const refusal = estimate.error === null ? undefined : refusalFromWire(estimate.error);
  if (refusal === undefined) return { verdict: "fits" };
  if (estimate.verdict === "refused") return { verdict: "refused", refusal };
  const places = estimate.places.map((place) => ({
    pool: place.pool,
    availableMb: place.available_mb,
    shortMb: place.required_mb - place.available_mb,
  }));
  return { verdict: "short", refusal, places };
}

function refusalFromWire(found: FoundError): Refusal | undefined {
  const error = errorFromWire({ ...found, type: "", param: null, correlation_id: "" });
  if (error === undefined) return undefined;
  return { code: error.code, details: error.details } as Refusal & { readonly code: ErrorCode };
}
