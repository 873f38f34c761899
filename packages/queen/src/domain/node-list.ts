import { createKnownNode } from "./node-board.ts";
import type { KnownNode } from "./node-board.ts";
import { createNodeOrders } from "./node-orders.ts";

/** In the order of the names, which are looked at again only when they are others. */
export function createNodeList(nodeNames: () => readonly string[]) {
  const nodes = new Map<string, KnownNode>();
  let madeCount = 0;
  let names: readonly string[] | undefined;
  let ordered: readonly KnownNode[] = [];
  const orders = createNodeOrders();
  const holders = new Map<string, number>();
  const setReferences = (node: KnownNode, references: ReadonlySet<string>) => {
    for (const model of node.models) addTo(holders, model, -1);
    for (const model of references) addTo(holders, model, 1);
    node.models = references;
  };
  const nodeOf = (name: string): KnownNode => {
    const known = nodes.get(name);
    if (known !== undefined) return known;
    const made = createKnownNode(name, madeCount);
    madeCount += 1;
    nodes.set(name, made);
    return made;
  };
  return {
    nodes,
    orders,
    nodeOf,
    setReferences,
    holdersOf: (model: string): number => holders.get(model) ?? 0,
    forgetNode(name: string): void {
      const node = nodes.get(name);
      if (node !== undefined) setReferences(node, new Set());
      nodes.delete(name);
      names = undefined;
    },
    listNodes(): readonly KnownNode[] {
      const current = nodeNames();
      if (current !== names) {
        ordered = current.map(nodeOf);
        orders.replace(ordered);
      }
      names = current;
      return ordered;
    },
  };
}

function addTo(counts: Map<string, number>, name: string, change: number): void {
  const count = (counts.get(name) ?? 0) + change;
  if (count > 0) counts.set(name, count);
  else counts.delete(name);
}
