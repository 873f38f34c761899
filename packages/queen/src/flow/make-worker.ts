import { RbeeError, sizes } from "@rbee/contract";
import type { ErrorCode } from "@rbee/contract";
import { allowedNodes } from "../domain/choose-node.ts";
import { placementKey } from "../domain/place-task.ts";
import type { Placement, PlacementRequest } from "../domain/place-task.ts";
import type {
  Making,
  NodeEstimate,
  NodeFacts,
  Refusal,
  WorkerFacts,
} from "../domain/placement-facts.ts";
import type { WorkerView } from "../domain/worker-view.ts";
import type { Errand, Hives, NodeAccess, Nodes, Story } from "../ports.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { stopForRoom } from "./stop-for-room.ts";
import type { StopWorld } from "./stop-for-room.ts";
import { estimateFromWire, surveyNode, surveyNodes } from "./survey-nodes.ts";

export interface MakerWorld extends Omit<StopWorld, "view" | "hives"> {
  readonly nodes: Nodes;
  readonly hives: Pick<Hives, "ensure" | "spawn" | "client">;
  readonly view: WorkerView;
  readonly dispatcher: Pick<Dispatcher, "pump">;
  /**
   * Requests for the same worker share one making; each hears its whole story. `deserted` aborts
   * when nobody waits for it any more.
   */
  readonly join: (
    key: string,
    errand: Errand,
    start: (story: Story, deserted: AbortSignal) => Promise<void>,
  ) => Promise<void>;
}

export interface MakeOrder {
  readonly taskId: string;
  readonly placement: PlacementRequest;
  /** Decides anew; what is decided to be used is reserved. Throws what it is refused with. */
  readonly place: () => Exclude<Placement, { kind: "refuse" }>;
  /** A worker is going to be started there. */
  readonly onSpawning: (node: string) => void;
}

/** What came of it. `made`: a worker is there, and it is time to decide again. */
export type Made =
  | { readonly kind: "use"; readonly worker: WorkerFacts }
  | { readonly kind: "made" }
  /** Facts came to light that make another decision necessary. */
  | { readonly kind: "elsewhere" }
  /** The hive had less room in the end than it had said. */
  | { readonly kind: "no-room"; readonly error: RbeeError };

type Planned = Extract<Placement, { kind: "spawn" | "evict" }>;

/**
 * Has a worker for a task made on a node:
 *
 * 1. its hive must run; it may have workers that nobody here knew of;
 * 2. it says whether the model fits, before anything is started or stopped;
 * 3. what is decided then is done: whoever is in the way is stopped, and the worker is started.
 */
export async function makeWorker(
  world: MakerWorld,
  { nodeName, order }: { readonly nodeName: string; readonly order: MakeOrder },
  errand: Errand,
): Promise<Made> {
  const node = world.nodes.require(nodeName);
  const human = `Looking up node ${nodeName}`;
  const cute = `🔍 ${human}`;
  errand.story({ type: "tell", line: { action: "lookup", target: nodeName, human, cute } });
  // 1.
  await world.hives.ensure(node, errand);
  // 2.
  await learnFit(world, node, { order, errand });
  const placement = order.place();
  if (placement.kind === "use") return placement;
  if (placement.kind === "wait" || placement.node !== nodeName) return { kind: "elsewhere" };
  // 3.
  order.onSpawning(nodeName);
  try {
    return await makeOnce(world, node, { order, placement, errand });
  } catch (error) {
    if (!isRoomError(error)) throw error;
    return { kind: "no-room", error };
  }
}

interface Learning {
  readonly order: MakeOrder;
  readonly errand: Errand;
}

// Where the first node is short of memory the others are asked at once, not one after the other.
async function learnFit(
  { nodes, hives, view }: MakerWorld,
  node: NodeAccess,
  { order, errand }: Learning,
): Promise<void> {
  const { placement: request } = order;
  const facts = view.facts(performance.now());
  const key = placementKey(request);
  const estimates = facts.estimatesOf(key);
  const known = facts.findNode(node.name);
  const isOpen = (one: NodeFacts) => estimates.of(one) === undefined;
  if (known === undefined || !isOpen(known) || view.isMaking(node.name, key)) return;
  const survey = { request, hop: errand.hop, lookUp: false };
  const estimate = await surveyNode({ hives, view }, node, survey);
  if (estimate === undefined || estimateFromWire(estimate).verdict === "fits") return;
  const others = allowedNodes(request, facts).filter(
    (one) => one !== known && one.status === "reachable" && !one.isDraining && isOpen(one),
  );
  const accesses = others.map(({ name }) => nodes.require(name));
  await surveyNodes({ hives, view }, accesses, survey);
}

interface Plan {
  readonly order: MakeOrder;
  readonly placement: Planned;
  readonly errand: Errand;
}

// The claim is made in the same turn as the decision: nobody else counts on that room from here on.
async function makeOnce(
  world: MakerWorld,
  node: NodeAccess,
  { order, placement, errand }: Plan,
): Promise<Made> {
  const { view } = world;
  const key = placementKey(order.placement);
  const workers = placement.kind === "evict" ? placement.workers : [];
  const making: Making = { taskId: order.taskId, key, isEvicting: workers.length > 0 };
  const isFirst = !view.isMaking(node.name, key);
  if (isFirst) view.beginMaking(node.name, making, workers);
  let isStarted = false;
  try {
    await world.join(`${node.name} ${key}`, errand, async (story, deserted) => {
      isStarted = true;
      // Others may join, so neither the deadline nor the end of the first request ends it.
      const hop = { ...errand.hop, deadline: undefined, signal: new AbortController().signal };
      const request = order.placement;
      const run = { making, workers, request, errand: { hop, story }, deserted };
      await makeRoomAndSpawn(world, node, run);
    });
  } finally {
    if (isFirst && !isStarted) view.endMaking(node.name, making);
  }
  return { kind: "made" };
}

interface Run {
  readonly making: Making;
  readonly workers: readonly WorkerFacts[];
  readonly request: PlacementRequest;
  readonly errand: Errand;
  readonly deserted: AbortSignal;
}

async function makeRoomAndSpawn(world: MakerWorld, node: NodeAccess, run: Run): Promise<void> {
  const { making, workers, request, errand, deserted } = run;
  const { hives, view, dispatcher } = world;
  const { model, backend, device, context } = request;
  let judged: NodeEstimate = { verdict: "fits" };
  try {
    if (workers.length > 0) {
      judged = await judgeWithout(world, node, run);
      if (judged.verdict === "short") throw errorOf(judged.refusal);
      await stopForRoom(world, node, { workers, errand, deserted });
    }
    const line = `Asking ${node.name} for a worker with ${model}`;
    errand.story({ type: "tell", line: { action: "spawn", target: model, human: line } });
    const isPinned = view.facts(performance.now()).isPinned(model);
    const wish = { model, backend, device, context, ...(isPinned ? { keep: true } : {}) };
    await hives.spawn(node, wish, errand);
  } finally {
    view.endMaking(node.name, making);
    // So that the next plan is another one.
    if (judged.verdict === "short") view.noteEstimate(node.name, making.key, judged);
    dispatcher.pump();
  }
}

// The hive judges the plan by the facts of its own preflight before anybody is stopped in vain. What
// would still be missing is missing in addition to what the plan frees.
async function judgeWithout(
  { hives, view }: MakerWorld,
  node: NodeAccess,
  { workers, request, errand }: Run,
): Promise<NodeEstimate> {
  const without = workers.map(({ id }) => id);
  const survey = { request, hop: errand.hop, lookUp: false, without };
  const estimate = await surveyNode({ hives, view }, node, survey);
  if (estimate === undefined) return { verdict: "fits" };
  const judged = estimateFromWire(estimate);
  if (judged.verdict !== "short") return judged;
  const places = judged.places.map((place) => {
    const stopped = workers.filter(({ pool }) => pool === place.pool);
    const freed = stopped.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    return { ...place, shortMb: place.shortMb + Math.ceil(freed / sizes.bytesPerMb) };
  });
  return { ...judged, places };
}

/** The error that a refusal stands for. */
export function errorOf({ code, details }: Refusal): RbeeError {
  return new RbeeError(code, details);
}

const roomErrors: readonly ErrorCode[] = ["INSUFFICIENT_RAM", "VRAM_EXHAUSTED"];

function isRoomError(error: unknown): error is RbeeError {
  return RbeeError.is(error) && roomErrors.includes(error.code);
}
