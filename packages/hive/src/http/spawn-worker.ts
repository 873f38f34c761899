import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { resolveModel } from "./resolve-model.ts";

export function spawnWorker({ pool, aliases }: HttpWorld): HiveHandler<"spawnWorker"> {
  return async ({ body, correlationId, traceparent }) => {
    const { model_ref, ...wanted } = body;
    const reference = resolveModel(model_ref, aliases());
    const asking = { correlationId, traceparent };
    const { workerId, url, state } = await pool.spawn({ reference, ...wanted }, asking);
    return { worker_id: workerId, url, state, events_url: `/v1/workers/${workerId}/events` };
  };
}
