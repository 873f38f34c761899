import { OpenAiModel, OpenAiModelList } from "../openai/model-list.ts";
import { defineRoutes } from "./define-route.ts";

/** What can be asked for, as OpenAI's clients list it. */
export const openAiModelRoutes = defineRoutes({
  listOpenAiModels: {
    method: "get",
    path: "/v1/models",
    summary: "The models that can be asked for: on disk, in memory, and the configured names",
    scope: "use",
    answer: OpenAiModelList,
    errors: [],
  },
  getOpenAiModel: {
    method: "get",
    path: "/v1/models/:id",
    isPathOpen: true,
    summary: "One of them, by its id",
    scope: "use",
    answer: OpenAiModel,
    errors: ["MODEL_NOT_FOUND"],
  },
});
