import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { modelToWire } from "./model-to-wire.ts";

export function listModels({ catalogue }: HttpWorld): HiveHandler<"listModels"> {
  return async () => ({ models: (await catalogue.list()).map(modelToWire) });
}
