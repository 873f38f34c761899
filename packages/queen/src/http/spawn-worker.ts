import { requireBackend, requireModel } from "./create-task.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { requireModelAllowed } from "./require-model-allowed.ts";
import { streamErrand } from "./request-story.ts";
import { workerToWire } from "./worker-to-wire.ts";

/** Loads a model ahead of time: always a new worker, unless an equal one is being made already. */
export function spawnWorker(world: HttpWorld): QueenHandler<"spawnWorker"> {
  const { nodes, hives, view, logger } = world;
  return (call) => {
    world.requireOpen();
    const { backend, device, slots, context } = call.body;
    const model = requireModel(call.body.model, world);
    requireModelAllowed(call.caller, model);
    requireBackend(backend);
    const node = nodes.require(call.body.node);
    return call.stream(async (writer) => {
      const errand = streamErrand(call, writer, logger);
      await hives.ensure(node, errand);
      const keep = view.facts(performance.now()).isPinned(model) ? true : undefined;
      const request = { model, backend, device, slots, context, keep };
      const worker = await hives.spawn(node, request, errand);
      await writer.send({ type: "done", done: true, worker: await workerToWire(worker, world) });
    });
  };
}
