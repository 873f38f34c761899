import type { HiveHandler, HttpWorld } from "./http-world.ts";

export function workerReady({ pool }: HttpWorld): HiveHandler<"workerReady"> {
  return ({ body }) => {
    pool.acceptCallback({ workerId: body.worker_id, url: body.url, state: body.state });
    return { success: true, message: `${body.worker_id} is registered` };
  };
}
