import type { openAiRoutes } from "@rbee/contract";
import type { Handlers } from "@rbee/daemon";
import type { HttpWorld } from "../http-world.ts";

/** The OpenAI API: what its clients send, as tasks of ours, and back. */
export function createOpenAiHandlers(_world: HttpWorld): Required<Handlers<typeof openAiRoutes>> {
  return {};
}
