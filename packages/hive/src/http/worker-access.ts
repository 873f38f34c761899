import type { HiveHandler, HttpWorld } from "./http-world.ts";

export function workerAccess({ pool }: HttpWorld): HiveHandler<"workerAccess"> {
  return ({ params }) => {
    const workerId = params["id"] ?? "";
    const { url, key } = pool.access(workerId);
    return { worker_id: workerId, url, api_key: key };
  };
}
