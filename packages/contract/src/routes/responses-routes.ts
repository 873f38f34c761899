import { defineRoutes } from "./define-route.ts";

/** The Responses API of OpenAI at the queen. */
export const responsesRoutes = defineRoutes({});
