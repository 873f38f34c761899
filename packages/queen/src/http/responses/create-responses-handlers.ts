import type { responsesRoutes } from "@rbee/contract";
import type { Handlers } from "@rbee/daemon";
import type { HttpWorld } from "../http-world.ts";

/** The Responses API of OpenAI over the same tasks. */
export function createResponsesHandlers(
  _world: HttpWorld,
): Required<Handlers<typeof responsesRoutes>> {
  return {};
}
