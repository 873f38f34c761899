import { defineRoutes } from "./define-route.ts";
import { nativeRoutes } from "./native-routes.ts";
import { openAiRoutes } from "./openai-routes.ts";
import { responsesRoutes } from "./responses-routes.ts";

/** queen-rbee, port 8080 (spec 4.2). */
export const queenRoutes = defineRoutes({ ...nativeRoutes, ...openAiRoutes, ...responsesRoutes });
