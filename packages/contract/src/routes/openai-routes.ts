import { defineRoutes } from "./define-route.ts";

/** The OpenAI API at the queen: chat, completions, embeddings, models, and rerank beside them. */
export const openAiRoutes = defineRoutes({});
