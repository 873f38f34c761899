import {
  EmbeddingsRequest,
  EmbeddingsResult,
  InferenceRequest,
  InferenceResult,
  RerankRequest,
  RerankResult,
  TokenizeRequest,
  TokenizeResult,
} from "../inference.ts";
import { FramesGrant, FramesQuery } from "../frames.ts";
import { WorkerHealth } from "../health.ts";
import { ProgressEvent, TaskEvent } from "../stream-events.ts";
import { Acknowledged, AdminShutdownRequest, WorkerReadiness } from "../workers.ts";
import { defineRoutes } from "./define-route.ts";

const computingErrors = [
  "ALL_SLOTS_BUSY",
  "WORKER_NOT_READY",
  "CONTEXT_EXCEEDED",
  "CAPABILITY_MISSING",
  "INFERENCE_FAILED",
] as const;

/** llm-worker-rbee, port 8001 and up (spec 4.4). */
export const workerRoutes = defineRoutes({
  health: {
    method: "get",
    path: "/v1/health",
    summary: "Whether the worker lives; answers while it computes",
    needsKey: false,
    answer: WorkerHealth,
    errors: [],
  },
  ready: {
    method: "get",
    path: "/v1/ready",
    summary: "Whether the model is loaded",
    answer: WorkerReadiness,
    errors: [],
  },
  loadingProgress: {
    method: "get",
    path: "/v1/loading/progress",
    summary: "Loading by layers; a late subscriber first gets the current state",
    events: ProgressEvent,
    errors: ["INVALID_MODEL_FILE", "INSUFFICIENT_RAM", "VRAM_EXHAUSTED", "BACKEND_UNAVAILABLE"],
  },
  infer: {
    method: "post",
    path: "/v1/inference",
    summary: "Generate text, as a stream or at once",
    isChat: true,
    body: InferenceRequest,
    answer: InferenceResult,
    events: TaskEvent,
    errors: [
      "ALL_SLOTS_BUSY",
      "WORKER_NOT_READY",
      "CONTEXT_EXCEEDED",
      "CAPABILITY_MISSING",
      "INFERENCE_FAILED",
      "GENERATION_TIMEOUT",
      "REQUEST_CANCELED",
    ],
  },
  cancelInference: {
    method: "delete",
    path: "/v1/inference/:request_id",
    summary: "Stop a generation within one token; idempotent",
    status: 204,
    errors: [],
  },
  frames: {
    method: "get",
    path: "/v1/inference/frames",
    summary: "A connection that several streams share: what one step makes comes in one piece",
    query: FramesQuery,
    errors: [],
  },
  grantFrames: {
    method: "post",
    path: "/v1/inference/frames/grant",
    summary: "A slow reader has taken so much of its channel; unknown ones are no mistake",
    body: FramesGrant,
    status: 204,
    errors: [],
  },
  embed: {
    method: "post",
    path: "/v1/embeddings",
    summary: "Embed texts",
    body: EmbeddingsRequest,
    answer: EmbeddingsResult,
    errors: computingErrors,
  },
  rerank: {
    method: "post",
    path: "/v1/rerank",
    summary: "How relevant each document is to a query, between 0 and 1",
    body: RerankRequest,
    answer: RerankResult,
    errors: computingErrors,
  },
  tokenize: {
    method: "post",
    path: "/v1/tokenize",
    summary: "Token ids of a text",
    body: TokenizeRequest,
    answer: TokenizeResult,
    errors: ["WORKER_NOT_READY"],
  },
  shutdown: {
    method: "post",
    path: "/v1/admin/shutdown",
    summary: "Drain, unload, exit",
    body: AdminShutdownRequest,
    answer: Acknowledged,
    status: 202,
    errors: [],
  },
});
