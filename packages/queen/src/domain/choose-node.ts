import type { NodeFacts, PlacementFacts, Refusal } from "./placement-facts.ts";

/** The part of a request that says where it may go. */
export interface NodeWish {
  readonly model: string;
  readonly node?: string | undefined;
  readonly backend?: string | undefined;
}

/** Why a node is the one to start a worker on. */
export type NodeMerit = "comes-up" | "on-disk" | "most-memory";

export interface NodeChoice {
  readonly best: { readonly node: NodeFacts; readonly merit: NodeMerit } | undefined;
  /** Those that would take it if they had more memory. */
  readonly short: readonly NodeFacts[];
}

const statusRank = { reachable: 0, unknown: 1, unreachable: 2 } as const;

/**
 * A node where the model comes up already, then one that answers, then one that has the model on
 * its disk, then the one with the most memory, then the least busy. One look at each node, and at
 * none of its workers: there may be very many.
 */
export function chooseNode(request: NodeWish, key: string, facts: PlacementFacts): NodeChoice {
  const { model } = request;
  const estimateOf = facts.estimatesOf(key);
  const loading = findLoading(model, facts);
  const short: NodeFacts[] = [];
  let best: NodeFacts | undefined;
  let isBestComing = false;
  for (const node of allowedNodes(request, facts)) {
    if (refuseNode(request, node) !== undefined) continue;
    // What comes up there already is joined, however little memory is left.
    const isComing = loading.has(node.name) || isMaking(node, key);
    const verdict = isComing ? "fits" : (estimateOf(node.name)?.verdict ?? "fits");
    if (verdict === "short") short.push(node);
    if (verdict !== "fits" || (isBestComing && !isComing)) continue;
    if (best !== undefined && isBestComing === isComing && !isBetter(node, best, model)) continue;
    best = node;
    isBestComing = isComing;
  }
  if (best === undefined) return { best, short };
  const plain = best.models.has(model) ? "on-disk" : "most-memory";
  return { best: { node: best, merit: isBestComing ? "comes-up" : plain }, short };
}

function isBetter(left: NodeFacts, right: NodeFacts, model: string): boolean {
  if (left.status !== right.status) return statusRank[left.status] < statusRank[right.status];
  const isOnDisk = left.models.has(model);
  if (isOnDisk !== right.models.has(model)) return isOnDisk;
  if (left.memoryFreeBytes !== right.memoryFreeBytes) {
    return left.memoryFreeBytes > right.memoryFreeBytes;
  }
  if (left.running !== right.running) return left.running < right.running;
  return left.name < right.name;
}

// The nodes where a worker with the model is on its way.
function findLoading(model: string, facts: PlacementFacts): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { node, state, isLeaving } of facts.workersOf(model)) {
    if ((state === "starting" || state === "loading") && !isLeaving) names.add(node);
  }
  return names;
}

function isMaking({ makings }: NodeFacts, key: string): boolean {
  return makings.size > 0 && [...makings].some((making) => making.key === key);
}

/** What stands against a node for a request, without a look at its memory. */
export function refuseNode(
  { backend }: Pick<NodeWish, "backend">,
  node: NodeFacts,
): Refusal | undefined {
  if (node.isDraining) {
    const details = { node: node.name, reason: "its hive is being stopped" };
    return { code: "NODE_UNREACHABLE", details };
  }
  // What is not known about a node is left to its hive to refuse.
  if (backend === undefined || node.backends === null) return undefined;
  if (node.backends.includes(backend)) return undefined;
  const details = { backend, available: [...node.backends], node: node.name };
  return { code: "BACKEND_UNAVAILABLE", details };
}

/** The nodes that a request may go to at all. */
export function allowedNodes(
  { node: name }: Pick<NodeWish, "node">,
  facts: PlacementFacts,
): readonly NodeFacts[] {
  if (name === undefined) {
    return facts.nodes.filter((node) => node.isLocal || node.status === "reachable");
  }
  const named = facts.findNode(name);
  return named === undefined ? [] : [named];
}
