import { localNodeName, RbeeError } from "@rbee/contract";
import type { NodeRegistry } from "./node-ports.ts";
import type { NodeAccess, Nodes } from "./ports.ts";

interface NodesOptions {
  readonly local: NodeAccess;
  readonly registry: Pick<NodeRegistry, "list" | "find">;
  readonly createRemote: (name: string) => NodeAccess;
}

/** This machine and whatever is registered now. */
export function createNodes({ local, registry, createRemote }: NodesOptions): Nodes {
  const known = new Map<string, NodeAccess>();
  const remote = (name: string): NodeAccess => {
    const node = known.get(name) ?? createRemote(name);
    known.set(name, node);
    return node;
  };
  let rows: unknown;
  let nodes: readonly NodeAccess[] = [];
  let names: readonly string[] = [];
  const refresh = () => {
    const current = registry.list();
    if (current === rows) return;
    rows = current;
    const registered = new Set(current.map(({ name }) => name));
    for (const name of known.keys()) if (!registered.has(name)) known.delete(name);
    nodes = [local, ...[...registered].map(remote)];
    names = nodes.map(({ name }) => name);
  };
  return {
    list() {
      refresh();
      return nodes;
    },
    names() {
      refresh();
      return names;
    },
    require(name = localNodeName) {
      if (name === localNodeName) return local;
      if (registry.find(name) === undefined) throw new RbeeError("NODE_NOT_FOUND", { node: name });
      return remote(name);
    },
  };
}
