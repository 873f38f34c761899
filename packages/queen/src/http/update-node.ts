import { RbeeError } from "@rbee/contract";
import type { Errand } from "../ports.ts";
import { answerNodeChange } from "./answer-node-change.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { wishFromWire } from "./wish-from-wire.ts";

/** Changes a node and logs in again; a change that leads nowhere is not kept. */
export function updateNode(world: HttpWorld): QueenHandler<"updateNode"> {
  const { registry, registrar, logger } = world;
  return async (call) => {
    world.requireOpen();
    const wish = wishFromWire(call.body);
    if (registry.find(wish.name) === undefined) {
      throw new RbeeError("NODE_NOT_FOUND", { node: wish.name });
    }
    const change = (errand: Errand) => registrar.update(wish, errand);
    return await answerNodeChange(call, { name: wish.name, logger, change });
  };
}
