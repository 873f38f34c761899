import { RbeeError } from "@rbee/contract";
import type { Errand } from "../ports.ts";
import { answerNodeChange } from "./answer-node-change.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";

/** Stops what the queen started there, takes rbee away and forgets the node. */
export function removeNode(world: HttpWorld): QueenHandler<"removeNode"> {
  const { registry, registrar, logger } = world;
  return async (call) => {
    const { node_name: name } = call.body;
    const node = registry.find(name);
    if (node === undefined) throw new RbeeError("NODE_NOT_FOUND", { node: name });
    const change = (errand: Errand) => registrar.remove(node, errand);
    return await answerNodeChange(call, { name, logger, change });
  };
}
