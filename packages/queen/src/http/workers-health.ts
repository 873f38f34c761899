import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { knownWorkers } from "./list-workers.ts";

export function workersHealth(world: HttpWorld): QueenHandler<"workersHealth"> {
  return async ({ query }) => ({
    status: "ok",
    workers: (await knownWorkers(world, query.node)).map(({ id, node, state }) => ({
      worker_id: id,
      node,
      state,
      ready: state === "idle" || state === "busy",
    })),
  });
}
