import { RbeeError } from "@rbee/contract";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { knownWorkers } from "./list-workers.ts";
import { hopOf } from "./request-story.ts";

/** Answers when the worker is gone. */
export function shutdownWorker(world: HttpWorld): QueenHandler<"shutdownWorker"> {
  const { nodes, hives } = world;
  return async (call) => {
    const { worker_id: id } = call.body;
    const worker = (await knownWorkers(world, undefined)).find((known) => known.id === id);
    if (worker === undefined) throw new RbeeError("WORKER_NOT_FOUND", { worker_id: id });
    const client = hives.client(nodes.require(worker.node), hopOf(call));
    const timeoutMs = world.workerStopTimeoutMs();
    return await client.call("stopWorker", { params: { id }, timeoutMs });
  };
}
