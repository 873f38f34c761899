import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { workerToWire } from "./worker-to-wire.ts";

export function listWorkers({ pool }: HttpWorld): HiveHandler<"listWorkers"> {
  return () => ({ workers: pool.list().map((worker) => workerToWire(worker)) });
}
