import { createNodeOrder } from "./node-order.ts";
import type { NodeFacts } from "./placement-facts.ts";

/** All nodes, the one to prefer first, so that a decision may end at the first that will do. */
export interface NodeOrders {
  /** One that answers, then the most free memory, then the least busy. */
  readonly byRoom: () => readonly NodeFacts[];
  /** By the one of their idle workers that was used longest ago. */
  readonly byIdleUse: () => readonly NodeFacts[];
  /** By the one of all their ready workers that was used longest ago. */
  readonly byUse: () => readonly NodeFacts[];
}

const statusRank = { reachable: 0, unknown: 1, unreachable: 2 } as const;

export function createNodeOrders(nodes: readonly NodeFacts[] = []) {
  const byRoom = createNodeOrder(compareRoom);
  const byIdleUse = createNodeOrder(compareIdleUse);
  const byUse = createNodeOrder(compareUse);
  const all = [byRoom, byIdleUse, byUse];
  const replace = (items: readonly NodeFacts[]) => {
    for (const order of all) order.replace(items);
  };
  replace(nodes);
  return {
    byRoom: byRoom.read,
    byIdleUse: byIdleUse.read,
    byUse: byUse.read,
    replace,
    changed(node: NodeFacts): void {
      for (const order of all) order.changed(node);
    },
  };
}

/** Smaller for the one to prefer. */
export function compareRoom(left: NodeFacts, right: NodeFacts): number {
  return (
    statusRank[left.status] - statusRank[right.status] ||
    right.memoryFreeBytes - left.memoryFreeBytes ||
    left.running - right.running ||
    compareNames(left, right)
  );
}

function compareIdleUse(left: NodeFacts, right: NodeFacts): number {
  const [one, other] = [left.load.idleLeastUsedMs, right.load.idleLeastUsedMs];
  return one === other ? compareNames(left, right) : one - other;
}

function compareUse(left: NodeFacts, right: NodeFacts): number {
  const [one, other] = [left.load.leastUsedMs, right.load.leastUsedMs];
  return one === other ? compareNames(left, right) : one - other;
}

function compareNames(left: NodeFacts, right: NodeFacts): number {
  return left.name < right.name ? -1 : 1;
}
