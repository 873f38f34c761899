import type { HiveHandler, HttpWorld } from "./http-world.ts";

export function stopWorker({ pool }: HttpWorld): HiveHandler<"stopWorker"> {
  return async ({ params }) => {
    const workerId = params["id"] ?? "";
    await pool.stop(workerId);
    return { success: true, message: `${workerId} is stopped` };
  };
}
