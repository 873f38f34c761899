import { nativeRoutes, openAiModelRoutes } from "@rbee/contract";
import { createClient } from "@rbee/sdk";
import type { Client, ClientOptions } from "@rbee/sdk";

// Without the dialects: their shapes would be a twentieth of the first load.
const consoleRoutes = { ...nativeRoutes, ...openAiModelRoutes };

/** The queen as the console asks her. */
export type ConsoleClient = Client<typeof consoleRoutes>;

export function createConsoleClient(options: Omit<ClientOptions, "program">): ConsoleClient {
  return createClient(consoleRoutes, { ...options, program: "queen-rbee" });
}
