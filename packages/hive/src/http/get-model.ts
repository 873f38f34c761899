import { RbeeError } from "@rbee/contract";
import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { modelToWire } from "./model-to-wire.ts";
import { catalogueName } from "./resolve-model.ts";

export function getModel({ catalogue, aliases, identity }: HttpWorld): HiveHandler<"getModel"> {
  return async ({ params }) => {
    const name = params["id"] ?? "";
    const model = await catalogue.find(catalogueName(name, aliases()));
    if (model !== undefined) return modelToWire(model);
    const { node } = identity;
    const candidates = (await catalogue.list()).map(({ id }) => id);
    throw new RbeeError("MODEL_NOT_FOUND", { model: name, candidates, node });
  };
}
