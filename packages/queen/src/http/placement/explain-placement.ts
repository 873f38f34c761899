import { errorEntry, RbeeError, sizes } from "@rbee/contract";
import type { FoundError, NodeExplanation, PlacementEstimate } from "@rbee/contract";
import { refuseNode } from "../../domain/choose-node.ts";
import { explainChoice, explainStopsOn } from "../../domain/explain-choice.ts";
import { isReadyFor, placementKey } from "../../domain/place-task.ts";
import type { PlacementRequest } from "../../domain/place-task.ts";
import { keepReason } from "../../domain/plan-eviction.ts";
import type {
  NodeFacts,
  PlacementFacts,
  Refusal,
  WorkerFacts,
} from "../../domain/placement-facts.ts";
import { surveyNodes } from "../../flow/survey-nodes.ts";
import { requireBackend, requireModel } from "../create-task.ts";
import type { HttpWorld, QueenHandler } from "../http-world.ts";
import { hopOf, quietErrand } from "../request-story.ts";
import type { CallHop } from "../request-story.ts";

/**
 * For every node whether a model fits there, and what would be done with a request for it: each
 * hive judges by the facts of its own preflight, and the queen decides as she does for a task.
 */
export function explainPlacement(world: HttpWorld): QueenHandler<"explainPlacement"> {
  const { nodes, view, hives } = world;
  return async (call) => {
    const { node, backend, device, context } = call.query;
    const model = requireModel(call.query.model, world);
    requireBackend(backend);
    if (node !== undefined) nodes.require(node);
    const request = { model, node, backend, device, context, mayWait: true };
    const wanted = nodes.list().filter(({ name }) => node === undefined || name === node);
    await hearSomebody(world, call, node);
    const isHeard = (name: string) => view.findNode(name)?.status === "reachable";
    const heard = wanted.filter(({ name }) => isHeard(name));
    const survey = { request, hop: hopOf(call), lookUp: true };
    const answers = await surveyNodes({ hives, view }, heard, survey);
    const estimates = new Map(heard.map(({ name }, index) => [name, answers[index]]));
    requireKnown(model, [...estimates.values()], wanted.length > heard.length);
    const facts = view.facts(performance.now());
    const choice = explainChoice(request, facts);
    return {
      model,
      pinned: facts.isPinned(model),
      choice: {
        kind: choice.kind,
        node: choice.node,
        worker_id: choice.workerId,
        reason: choice.reason,
        stops: choice.stops.map((worker) => stopToWire(worker, facts)),
        error: choice.refusal === undefined ? null : refusalToWire(choice.refusal),
      },
      nodes: wanted.flatMap(({ name }) => {
        const known = facts.findNode(name);
        if (known === undefined) return [];
        return [explainNode(request, known, { facts, estimate: estimates.get(name) })];
      }),
    };
  };
}

// Whom a person names, or this machine where nobody else is heard, is asked even if its hive has to
// be started for that; what is in the way of it is a part of the answer.
async function hearSomebody(
  { nodes, hives, view, logger }: HttpWorld,
  call: CallHop,
  name: string | undefined,
): Promise<void> {
  const isAnyHeard = view.listNodes().some(({ status }) => status === "reachable");
  if (name === undefined && isAnyHeard) return;
  const node = nodes.require(name);
  try {
    await hives.ensure(node, quietErrand(call, logger));
    await hives.refresh(node);
  } catch (error) {
    if (!RbeeError.is(error)) throw error;
  }
}

// A model that no node has and no hub knows is a slip of the pen, which is no matter of memory.
function requireKnown(
  model: string,
  estimates: readonly (PlacementEstimate | undefined)[],
  isAnyUnasked: boolean,
): void {
  const isUnknown = (estimate: PlacementEstimate | undefined) =>
    estimate?.error?.code === "MODEL_NOT_FOUND";
  if (isAnyUnasked || estimates.length === 0 || !estimates.every(isUnknown)) return;
  const { details } = estimates[0]?.error ?? {};
  const candidates = details?.["candidates"];
  throw new RbeeError("MODEL_NOT_FOUND", {
    model,
    candidates: Array.isArray(candidates) ? candidates.map(String) : [],
  });
}

interface Explaining {
  readonly facts: PlacementFacts;
  readonly estimate: PlacementEstimate | undefined;
}

function explainNode(
  request: PlacementRequest,
  node: NodeFacts,
  { facts, estimate }: Explaining,
): NodeExplanation {
  const key = placementKey(request);
  const workers = [...node.workers];
  const isLoaded = workers.some((worker) => isReadyFor(request, worker, { key, facts }));
  const plain = refuseNode(request, node);
  const { required_mb: required = null, available_mb: available = null } = estimate ?? {};
  const isShort = estimate?.verdict === "short" && required !== null && available !== null;
  const { backend = null, device = null } = estimate ?? {};
  return {
    node: node.name,
    status: node.status,
    draining: node.isDraining,
    verdict: verdictOf({ plain, isLoaded, estimate }),
    on_disk: estimate?.on_disk ?? node.models.has(request.model),
    size_bytes: estimate?.size_bytes ?? null,
    measured: estimate?.measured ?? false,
    device: backend === null || device === null ? null : `${backend}:${device}`,
    required_mb: required,
    available_mb: available,
    short_mb: isShort ? required - available : null,
    would_stop: explainStopsOn(request, node, facts).map((worker) => stopToWire(worker, facts)),
    workers: workers.map((worker) => ({
      worker_id: worker.id,
      model_ref: worker.model,
      state: worker.state,
      slots_total: worker.slotsTotal,
      slots_free: Math.max(0, worker.slotsFree),
      memory_mb: Math.ceil(worker.memoryBytes / sizes.bytesPerMb),
      idle_ms: idleMs(worker, facts),
      kept: keepReason(worker, facts) ?? null,
    })),
    error: plain === undefined ? (estimate?.error ?? null) : refusalToWire(plain),
  };
}

interface Verdict {
  readonly plain: Refusal | undefined;
  readonly isLoaded: boolean;
  readonly estimate: PlacementEstimate | undefined;
}

function verdictOf({ plain, isLoaded, estimate }: Verdict): NodeExplanation["verdict"] {
  if (plain !== undefined) return "refused";
  if (isLoaded) return "loaded";
  return estimate?.verdict ?? "not-asked";
}

function stopToWire(worker: WorkerFacts, facts: PlacementFacts) {
  return {
    worker_id: worker.id,
    model_ref: worker.model,
    memory_mb: Math.ceil(worker.memoryBytes / sizes.bytesPerMb),
    running: worker.running,
    idle_ms: idleMs(worker, facts),
  };
}

function idleMs({ lastUsedMs, running }: WorkerFacts, { nowMs }: PlacementFacts): number {
  return running > 0 ? 0 : Math.max(0, Math.round(nowMs - lastUsedMs));
}

function refusalToWire({ code, details }: Refusal): FoundError {
  return { code, message: errorEntry(code).message(details), details: { ...details } };
}
