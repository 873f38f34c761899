import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { workerToWire } from "./worker-to-wire.ts";

export function workerEvents({ pool }: HttpWorld): HiveHandler<"workerEvents"> {
  return ({ params, signal, stream }) => {
    // Asked before the stream begins, so that an unknown worker is a 404.
    const events = pool.watchSpawn(params["id"] ?? "", signal);
    return stream(async ({ send }) => {
      for await (const event of events) {
        if (event.type === "error") throw event.error;
        if (event.type === "done") {
          await send({ type: "done", done: true, worker: workerToWire(event.worker) });
        } else await send(event);
      }
    });
  };
}
