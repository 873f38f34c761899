import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { judgeModel } from "../domain/judge-model.ts";
import { hopOf, quietErrand } from "./request-story.ts";

/** A node's catalogue is its hive's to know, so the hive is started when it does not run. */
export function listModels({ nodes, hives, logger }: HttpWorld): QueenHandler<"listModels"> {
  return async (call) => {
    const node = nodes.require(call.query.node);
    await hives.ensure(node, quietErrand(call, logger));
    const { models } = await hives.client(node, hopOf(call)).call("listModels");
    const { models: own } = call.caller;
    return {
      models: models.filter(({ reference }) => judgeModel({ models: own, model: reference })),
    };
  };
}
