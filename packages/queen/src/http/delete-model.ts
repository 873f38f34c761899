import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { modelName } from "./model-name.ts";
import { hopOf, quietErrand } from "./request-story.ts";

export function deleteModel(world: HttpWorld): QueenHandler<"deleteModel"> {
  const { nodes, hives, logger } = world;
  return async (call) => {
    const node = nodes.require(call.query.node);
    await hives.ensure(node, quietErrand(call, logger));
    const params = { id: modelName(call.params["id"] ?? "", world) };
    return await hives.client(node, hopOf(call)).call("deleteModel", { params });
  };
}
