import type { ViewWorker } from "../domain/worker-view.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { workersToWire } from "./worker-to-wire.ts";

export function listWorkers(world: HttpWorld): QueenHandler<"listWorkers"> {
  return async ({ query }) => ({
    workers: await workersToWire(await knownWorkers(world, query.node), world),
  });
}

/** The workers of one node, or of all, after a look at hives that were not heard until now. */
export async function knownWorkers(
  { nodes, hives, view }: Pick<HttpWorld, "nodes" | "hives" | "view">,
  node: string | undefined,
): Promise<ViewWorker[]> {
  const asked = node === undefined ? nodes.list() : [nodes.require(node)];
  await Promise.all(asked.map((one) => hives.refresh(one)));
  const names = new Set(asked.map((one) => one.name));
  return view.listWorkers().filter((worker) => names.has(worker.node));
}
