import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { modelName } from "./model-name.ts";
import { requireModelAllowed } from "./require-model-allowed.ts";
import { hopOf, quietErrand } from "./request-story.ts";

export function getModel(world: HttpWorld): QueenHandler<"getModel"> {
  const { nodes, hives, logger } = world;
  return async (call) => {
    const node = nodes.require(call.query.node);
    await hives.ensure(node, quietErrand(call, logger));
    const params = { id: modelName(call.params["id"] ?? "", world) };
    const model = await hives.client(node, hopOf(call)).call("getModel", { params });
    requireModelAllowed(call.caller, model.reference);
    return model;
  };
}
