import type { openAiRoutes } from "@rbee/contract";
import type { Handlers } from "@rbee/daemon";
import type { HttpWorld } from "../http-world.ts";
import { createChatCompletion } from "./create-chat-completion.ts";
import { createCompletion } from "./create-completion.ts";
import { createEmbeddings } from "./create-embeddings.ts";
import { getOpenAiModel } from "./get-openai-model.ts";
import { listOpenAiModels } from "./list-openai-models.ts";
import { rerankDocuments } from "./rerank-documents.ts";

/** The OpenAI API: what its clients send, as tasks of ours, and back. */
export function createOpenAiHandlers(world: HttpWorld): Required<Handlers<typeof openAiRoutes>> {
  return {
    createChatCompletion: createChatCompletion(world),
    createCompletion: createCompletion(world),
    createEmbeddings: createEmbeddings(world),
    rerank: rerankDocuments(world),
    listOpenAiModels: listOpenAiModels(world),
    getOpenAiModel: getOpenAiModel(world),
  };
}
