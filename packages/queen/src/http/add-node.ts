import { answerNodeChange } from "./answer-node-change.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { wishFromWire } from "./wish-from-wire.ts";

/** Registers a machine once it was logged in to; nothing is kept of one that lets nobody in. */
export function addNode({ registrar, logger, requireOpen }: HttpWorld): QueenHandler<"addNode"> {
  return async (call) => {
    requireOpen();
    const wish = { ...wishFromWire(call.body), sshHost: call.body.ssh_host };
    registrar.requireFree(wish.name);
    const change = (errand: Parameters<typeof registrar.add>[1]) => registrar.add(wish, errand);
    return await answerNodeChange(call, { name: wish.name, logger, change });
  };
}
