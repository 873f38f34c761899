import { z } from "zod";
import { ErrorBody } from "../error-envelope.ts";
import {
  ResponseLogprob,
  ResponseOutputItem,
  ResponseOutputText,
  ResponseResult,
} from "./responses-result.ts";

/** Counts the events of a stream from 0 without gaps. */
const numbered = { sequence_number: z.int() };
const inOutput = { ...numbered, output_index: z.int() };
const inItem = { ...inOutput, item_id: z.string() };
const inPart = { ...inItem, content_index: z.int() };

const lifecycle = ["created", "in_progress", "completed", "incomplete", "failed"] as const;
const Lifecycle = z.object({
  type: z.enum(lifecycle.map((name) => `response.${name}` as const)),
  ...numbered,
  response: ResponseResult,
});
const Item = z.object({
  type: z.enum(["response.output_item.added", "response.output_item.done"]),
  ...inOutput,
  item: ResponseOutputItem,
});
const Part = z.object({
  type: z.enum(["response.content_part.added", "response.content_part.done"]),
  ...inPart,
  part: ResponseOutputText,
});
const TextDelta = z.object({
  type: z.literal("response.output_text.delta"),
  ...inPart,
  delta: z.string(),
  logprobs: z.array(ResponseLogprob),
});
const TextDone = z.object({
  type: z.literal("response.output_text.done"),
  ...inPart,
  text: z.string(),
  logprobs: z.array(ResponseLogprob),
});
const ArgumentsDelta = z.object({
  type: z.literal("response.function_call_arguments.delta"),
  ...inItem,
  delta: z.string(),
});
const ArgumentsDone = z.object({
  type: z.literal("response.function_call_arguments.done"),
  ...inItem,
  name: z.string(),
  arguments: z.string(),
});
/** What went wrong; `response.failed` follows and ends the stream. */
const Failure = z.object({
  type: z.literal("error"),
  ...numbered,
  code: z.string(),
  message: z.string(),
  param: z.string().nullable(),
  /** The same as every error of rbee has it; some clients look for it here. */
  error: ErrorBody,
});

/**
 * The stream of a response. Each event has an `event:` line with its type; the last one is
 * `response.completed`, `response.incomplete` or `response.failed`, and no `[DONE]` follows.
 */
export const ResponseEvent = z.union([
  Lifecycle,
  Item,
  Part,
  TextDelta,
  TextDone,
  ArgumentsDelta,
  ArgumentsDone,
  Failure,
]);
export type ResponseEvent = z.infer<typeof ResponseEvent>;
