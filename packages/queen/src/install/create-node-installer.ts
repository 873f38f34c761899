import { lockName } from "@rbee/payload";
import { RbeeError } from "@rbee/contract";
import type { NodeInstaller } from "../node-ports.ts";
import { installOnNode } from "./install-on-node.ts";
import type { InstallWorld } from "./install-on-node.ts";
import { uninstallNode } from "./uninstall-node.ts";

/** One piece of work per node at a time; on the node, a lock keeps other queens away. */
export function createNodeInstaller(world: InstallWorld): NodeInstaller {
  const busy = new Set<string>();
  const alone = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    if (busy.has(name)) {
      throw new RbeeError("INSTALL_RUNNING", { node: name, lock: lockName, pid: null });
    }
    busy.add(name);
    try {
      return await work();
    } finally {
      busy.delete(name);
    }
  };
  return {
    install: (node, errand) => alone(node.name, () => installOnNode(world, node, errand)),
    uninstall: (node, errand) => alone(node.name, () => uninstallNode(world, node, errand)),
  };
}
