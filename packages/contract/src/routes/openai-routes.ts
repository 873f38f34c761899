import { ChatCompletion, ChatCompletionChunk } from "../openai/chat-completion.ts";
import { ChatCompletionRequest } from "../openai/chat-request.ts";
import { CompletionRequest } from "../openai/completion-request.ts";
import { Completion, CompletionChunk } from "../openai/completion.ts";
import { OpenAiEmbeddingsRequest, OpenAiRerankRequest } from "../openai/embedding-request.ts";
import { OpenAiEmbeddings, OpenAiRerank } from "../openai/embedding.ts";
import { defineRoutes } from "./define-route.ts";
import { spawnStoryErrors } from "./hive-routes.ts";
import { openAiModelRoutes } from "./openai-model-routes.ts";

export const openAiTaskErrors = [
  ...spawnStoryErrors,
  "NODE_NOT_FOUND",
  "NODE_UNREACHABLE",
  "ALL_SLOTS_BUSY",
  "QUEUE_FULL",
  "QUEUE_TIMEOUT",
  "CONTEXT_EXCEEDED",
  "CAPABILITY_MISSING",
  "INFERENCE_FAILED",
  "GENERATION_TIMEOUT",
  "SSE_CLOSED",
  "CONNECTION_LOST",
  "REQUEST_CANCELED",
] as const;

/** The OpenAI API at the queen: chat, completions, embeddings, models, and rerank beside them. */
export const openAiRoutes = defineRoutes({
  createChatCompletion: {
    method: "post",
    path: "/v1/chat/completions",
    summary: "OpenAI's chat completions, as a stream or at once",
    scope: "use",
    isChat: true,
    body: ChatCompletionRequest,
    answer: ChatCompletion,
    events: ChatCompletionChunk,
    errors: openAiTaskErrors,
  },
  createCompletion: {
    method: "post",
    path: "/v1/completions",
    summary: "OpenAI's text completions, as a stream or at once",
    scope: "use",
    body: CompletionRequest,
    answer: Completion,
    events: CompletionChunk,
    errors: openAiTaskErrors,
  },
  createEmbeddings: {
    method: "post",
    path: "/v1/embeddings",
    summary: "OpenAI's embeddings",
    scope: "use",
    body: OpenAiEmbeddingsRequest,
    answer: OpenAiEmbeddings,
    errors: openAiTaskErrors,
  },
  rerank: {
    method: "post",
    path: "/v1/rerank",
    summary: "Documents by how well they answer a query, in Cohere's and Jina's shape",
    scope: "use",
    body: OpenAiRerankRequest,
    answer: OpenAiRerank,
    errors: openAiTaskErrors,
  },
  ...openAiModelRoutes,
});
