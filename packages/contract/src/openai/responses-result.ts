import { z } from "zod";

const ItemStatus = z.enum(["in_progress", "completed", "incomplete"]);
const TopLogprob = z.object({
  token: z.string(),
  bytes: z.array(z.int()),
  logprob: z.number(),
});

/** How likely one token was, and what else it could have been. */
export const ResponseLogprob = TopLogprob.extend({ top_logprobs: z.array(TopLogprob) });
export type ResponseLogprob = z.infer<typeof ResponseLogprob>;

export const ResponseOutputText = z.object({
  type: z.literal("output_text"),
  text: z.string(),
  annotations: z.array(z.unknown()),
  logprobs: z.array(ResponseLogprob),
});
export type ResponseOutputText = z.infer<typeof ResponseOutputText>;

const OutputMessage = z.object({
  id: z.string(),
  type: z.literal("message"),
  status: ItemStatus,
  role: z.literal("assistant"),
  content: z.array(ResponseOutputText),
});

const OutputFunctionCall = z.object({
  id: z.string(),
  type: z.literal("function_call"),
  status: ItemStatus,
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});

export const ResponseOutputItem = z.discriminatedUnion("type", [OutputMessage, OutputFunctionCall]);
export type ResponseOutputItem = z.infer<typeof ResponseOutputItem>;

export const ResponseUsage = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.object({ cached_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.object({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
});

/** One answer, as it stands: whole at the end, and with less in it before. */
export const ResponseResult = z.object({
  id: z.string(),
  object: z.literal("response"),
  created_at: z.int(),
  status: z.enum(["in_progress", "completed", "incomplete", "failed"]),
  completed_at: z.int().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.object({ reason: z.literal("max_output_tokens") }).nullable(),
  model: z.string(),
  output: z.array(ResponseOutputItem),
  usage: ResponseUsage.nullable(),
  instructions: z.string().nullable(),
  max_output_tokens: z.int().nullable(),
  max_tool_calls: z.null(),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.null(),
  conversation: z.null(),
  prompt_cache_key: z.string().nullable(),
  reasoning: z.object({ effort: z.null(), summary: z.null() }),
  safety_identifier: z.string().nullable(),
  service_tier: z.literal("default"),
  background: z.literal(false),
  /** Nothing is kept. */
  store: z.literal(false),
  /** Null where the client left it to the model. */
  temperature: z.number().nullable(),
  top_p: z.number().nullable(),
  text: z.object({ format: z.record(z.string(), z.unknown()), verbosity: z.literal("medium") }),
  tool_choice: z.unknown(),
  tools: z.array(z.record(z.string(), z.unknown())),
  top_logprobs: z.int(),
  truncation: z.literal("disabled"),
  user: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
});
export type ResponseResult = z.infer<typeof ResponseResult>;
