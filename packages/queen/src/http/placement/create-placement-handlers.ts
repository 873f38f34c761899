import type { placementRoutes } from "@rbee/contract";
import type { Handlers } from "@rbee/daemon";
import type { HttpWorld } from "../http-world.ts";
import { explainPlacement } from "./explain-placement.ts";

/** What a person may ask about where models would run. */
export function createPlacementHandlers(
  world: HttpWorld,
): Required<Handlers<typeof placementRoutes>> {
  return { explainPlacement: explainPlacement(world) };
}
