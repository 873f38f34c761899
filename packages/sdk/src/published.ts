// What the published package shows: everything to use rbee, nothing of how its programs are made.
export { RbeeError } from "@rbee/contract";
export type {
  ChatMessageOnWire as ChatMessage,
  ErrorCode,
  ErrorDetails,
  QueenEvent,
  TaskEvent,
  TaskRequest,
  ToolCallOnWire as ToolCall,
  ToolOnWire as Tool,
} from "@rbee/contract";
export { createQueenClient } from "./clients.ts";
export type { QueenClient } from "./clients.ts";
export type { Answer, AnswerEvent, AnswerResult } from "./create-answer.ts";
export type { Fetch, FetchedResponse, FetchInit } from "./create-client.ts";
export type { RequestOptions } from "./create-queen.ts";
export { createRbee } from "./create-rbee.ts";
export type { ChatRequest, InferRequest, Rbee, RbeeOptions } from "./create-rbee.ts";
export { TransportError } from "./transport-error.ts";
export type { TransportFailure } from "./transport-error.ts";
