import type { responsesRoutes } from "@rbee/contract";
import type { Handlers } from "@rbee/daemon";
import type { HttpWorld } from "../http-world.ts";
import { createResponse } from "./create-response.ts";
import { refuseResponse } from "./refuse-response.ts";

/** The Responses API of OpenAI over the same tasks. */
export function createResponsesHandlers(
  world: HttpWorld,
): Required<Handlers<typeof responsesRoutes>> {
  return {
    createResponse: createResponse(world),
    getResponse: refuseResponse,
    deleteResponse: refuseResponse,
    cancelResponse: refuseResponse,
    listResponseItems: refuseResponse,
  };
}
