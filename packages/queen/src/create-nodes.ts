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
  return {
    list() {
      const names = registry.list().map(({ name }) => name);
      for (const name of known.keys()) if (!names.includes(name)) known.delete(name);
      return [local, ...names.map(remote)];
    },
    require(name = localNodeName) {
      if (name === localNodeName) return local;
      if (registry.find(name) === undefined) throw new RbeeError("NODE_NOT_FOUND", { node: name });
      return remote(name);
    },
  };
}
