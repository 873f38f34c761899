import { compareRoom } from "./node-orders.ts";
import type { KeyEstimates, NodeFacts, PlacementFacts, Refusal } from "./placement-facts.ts";

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
  /** Whether a node may take it if enough of what its workers hold were free. */
  readonly isRoomPossible: boolean;
}

/**
 * A node where the model comes up already, then one that answers, then one that has the model on
 * its disk, then the one with the most memory, then the least busy. The nodes come in that order
 * but for the disk, so mostly few are looked at, and never their workers.
 */
export function chooseNode(request: NodeWish, key: string, facts: PlacementFacts): NodeChoice {
  const { model } = request;
  const coming = findComing(request, key, facts);
  if (coming !== undefined) return choiceOf(coming, "comes-up");
  const estimates = facts.estimatesOf(key);
  const nodes = named(request, facts);
  if (nodes === undefined && estimates.shutCount >= facts.nodes.length) {
    const isRoomPossible = facts.nodes.some((node) => mayBeFreed(node, estimates));
    return { best: undefined, isRoomPossible };
  }
  let best: NodeFacts | undefined;
  let isRoomPossible = false;
  const isAnywhere = facts.holdersOf(model) > 0;
  for (const node of nodes ?? facts.ordered.byRoom()) {
    if (best !== undefined && (!isAnywhere || node.status !== best.status)) break;
    if (!isAllowed(request, node)) continue;
    const estimate = estimates.of(node);
    if (estimate !== undefined && estimate.verdict !== "fits") {
      const isShort = estimate.verdict === "short" && !isRoomPossible;
      if (isShort) isRoomPossible = mayBeFreed(node, estimates);
      continue;
    }
    if (refuseNode(request, node) !== undefined) continue;
    if (node.models.has(model)) return choiceOf(node, "on-disk");
    best ??= node;
  }
  return best === undefined ? { best, isRoomPossible } : choiceOf(best, "most-memory");
}

function choiceOf(node: NodeFacts, merit: NodeMerit): NodeChoice {
  return { best: { node, merit }, isRoomPossible: false };
}
// Where a worker for it is on its way: what comes up is joined, however little memory is left.
function findComing(request: NodeWish, key: string, facts: PlacementFacts): NodeFacts | undefined {
  const nodes: (NodeFacts | undefined)[] = [];
  for (const { node, state, isLeaving } of facts.workersOf(request.model)) {
    const isLoading = (state === "starting" || state === "loading") && !isLeaving;
    if (isLoading) nodes.push(facts.findNode(node));
  }
  for (const node of facts.nodes) if (isMaking(node, key)) nodes.push(node);
  let best: NodeFacts | undefined;
  for (const node of nodes) {
    if (node === undefined || !isAllowed(request, node) || refuseNode(request, node)) continue;
    if (best === undefined || isBetter(node, best, request.model)) best = node;
  }
  return best;
}

function isMaking({ makings }: NodeFacts, key: string): boolean {
  return makings.size > 0 && [...makings].some((making) => making.key === key);
}

function isBetter(left: NodeFacts, right: NodeFacts, model: string): boolean {
  const isOnDisk = left.models.has(model);
  const isSame = left.status === right.status && isOnDisk === right.models.has(model);
  if (isSame) return compareRoom(left, right) < 0;
  return left.status === right.status ? isOnDisk : compareRoom(left, right) < 0;
}

/** Whether what its workers hold could be enough, without a look at them. */
export function mayBeFreed(node: NodeFacts, estimates: KeyEstimates): boolean {
  const shortBytes = estimates.shortBytes(node);
  return shortBytes <= node.load.heldBytes || (shortBytes < Infinity && node.makings.size > 0);
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

/** Whether a request may go to a node at all. */
export function isAllowed({ node: name }: Pick<NodeWish, "node">, node: NodeFacts): boolean {
  if (name !== undefined) return node.name === name;
  return node.isLocal || node.status === "reachable";
}

/** The one node that was asked for, if one was. */
export function named(
  { node: name }: Pick<NodeWish, "node">,
  facts: PlacementFacts,
): readonly NodeFacts[] | undefined {
  if (name === undefined) return undefined;
  const node = facts.findNode(name);
  return node === undefined ? [] : [node];
}

/** The nodes that a request may go to. */
export function allowedNodes(
  request: Pick<NodeWish, "node">,
  facts: PlacementFacts,
): readonly NodeFacts[] {
  return named(request, facts) ?? facts.nodes.filter((node) => isAllowed(request, node));
}
