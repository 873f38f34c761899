import { RbeeError, sizes } from "@rbee/contract";
import { resolveModel } from "../../domain/resolve-model.ts";
import type { HttpWorld, QueenHandler } from "../http-world.ts";
import { describeModels } from "./describe-models.ts";

/** One model by the name that a client would ask for. Throws MODEL_NOT_FOUND. */
export function getOpenAiModel(world: HttpWorld): QueenHandler<"getOpenAiModel"> {
  return ({ params, caller }) => {
    const { id = "" } = params;
    const models = describeModels(world, caller.models);
    const reference = resolveModel(id, {});
    const model =
      models.find((known) => known.id === id) ?? models.find((known) => known.id === reference);
    if (model !== undefined) return model;
    // What was asked for is the client's own text: nothing large is echoed.
    const candidates = models.map((known) => known.id);
    throw new RbeeError("MODEL_NOT_FOUND", {
      model: id.slice(0, sizes.modelReferenceMax),
      candidates,
    });
  };
}
