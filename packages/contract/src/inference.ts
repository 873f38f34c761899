import { z } from "zod";
import { sizes } from "./limits.ts";
import { TokenLogprobOnWire } from "./stream-events.ts";

const ToolName = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, "1 to 64 letters, digits, _ . -");

/** A JSON schema, as deep as one is written by a person or a program that means well. */
const JsonSchemaOnWire = z
  .record(z.string(), z.unknown())
  .refine((schema) => isShallow(schema, sizes.schemaDepthMax), {
    error: `is deeper than ${sizes.schemaDepthMax} levels`,
  });

// Level by level: a body can be deeper than a function may call itself.
function isShallow(value: unknown, depthMax: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > depthMax) return false;
    level = level.flatMap((one) =>
      typeof one === "object" && one !== null ? (Object.values(one) as unknown[]) : [],
    );
  }
  return true;
}

/** A function call that a model made: `arguments` is JSON as text, as the model wrote it. */
export const ToolCallOnWire = z.strictObject({
  id: z.string().min(1).max(sizes.identifierMax),
  type: z.literal("function"),
  function: z.strictObject({ name: ToolName, arguments: z.string() }),
});
export type ToolCallOnWire = z.infer<typeof ToolCallOnWire>;

/** A function that the model may call; `parameters` is a JSON schema of an object. */
export const ToolOnWire = z.strictObject({
  name: ToolName,
  description: z.string().optional(),
  parameters: JsonSchemaOnWire.optional(),
});
export type ToolOnWire = z.infer<typeof ToolOnWire>;

export const ToolChoiceOnWire = z.union([
  z.enum(["auto", "none", "required"]),
  z.strictObject({ name: ToolName }),
]);
export type ToolChoiceOnWire = z.infer<typeof ToolChoiceOnWire>;

export const ChatMessageOnWire = z.strictObject({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.string(),
  /** What an assistant asked for; its content may be empty then. */
  tool_calls: z.array(ToolCallOnWire).min(1).optional(),
  /** In a message of role `tool`: the call that it answers. */
  tool_call_id: z.string().min(1).max(sizes.identifierMax).optional(),
});
export type ChatMessageOnWire = z.infer<typeof ChatMessageOnWire>;

/** The fields that steer one generation; the same at the worker and in a task at the queen. */
export const generationFields = {
  prompt: z.string().min(1).optional(),
  messages: z.array(ChatMessageOnWire).min(1).optional(),
  job_id: z
    .string()
    .min(1)
    .max(sizes.identifierMax)
    .regex(/^[A-Za-z0-9_.-]+$/)
    .optional(),
  max_tokens: z.int().min(1).optional(),
  /** True: a `max_tokens` beyond the context is cut to what is left, not refused. */
  max_tokens_capped: z.boolean().optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  min_p: z.number().min(0).max(1).optional(),
  repetition_penalty: z.number().min(0).max(2).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  seed: z.int().min(0).max(4_294_967_295).optional(),
  stop: z
    .array(z.string().min(1).max(sizes.stopSequenceCharactersMax))
    .max(sizes.stopSequencesMax)
    .optional(),
  grammar: z.string().min(1).max(sizes.grammarCharactersMax).optional(),
  json_schema: JsonSchemaOnWire.optional(),
  tools: z.array(ToolOnWire).min(1).max(sizes.toolsMax).optional(),
  /** `auto` unless it says otherwise; an object names the one function that must be called. */
  tool_choice: ToolChoiceOnWire.optional(),
  parallel_tool_calls: z.boolean().optional(),
  /** Token id (as text) to what is added to its logit. */
  logit_bias: z.record(z.string().regex(/^\d{1,9}$/), z.number().min(-100).max(100)).optional(),
  /** Number of alternatives reported with each token. */
  logprobs: z.int().min(0).max(20).optional(),
  stream: z.boolean().optional(),
  timeout_seconds: z.number().min(0.001).max(86_400).optional(),
} as const;

interface Conflicting {
  readonly prompt?: string | undefined;
  readonly messages?: readonly ChatMessageOnWire[] | undefined;
  readonly grammar?: string | undefined;
  readonly json_schema?: unknown;
  readonly tools?: readonly ToolOnWire[] | undefined;
  readonly tool_choice?: ToolChoiceOnWire | undefined;
}

/** Rules between fields; every breach is reported, at the field that a person would change. */
export function checkGenerationFields(request: Conflicting, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  if ((request.prompt === undefined) === (request.messages === undefined)) {
    refuse(["prompt"], "exactly one of prompt and messages is needed");
  }
  if (request.grammar !== undefined && request.json_schema !== undefined) {
    refuse(["grammar"], "grammar and json_schema exclude each other");
  }
  checkTools(request, refuse);
  for (const [index, { role, tool_calls, tool_call_id }] of (request.messages ?? []).entries()) {
    if (tool_calls !== undefined && role !== "assistant") {
      refuse(["messages", index, "tool_calls"], "belongs to messages of the assistant only");
    }
    if (tool_call_id !== undefined && role !== "tool") {
      refuse(["messages", index, "tool_call_id"], "belongs to messages of role tool only");
    }
  }
}

type Refuse = (path: (string | number)[], message: string) => void;

function checkTools(request: Conflicting, refuse: Refuse): void {
  const { tools = [], tool_choice: choice = "auto" } = request;
  const names = tools.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) refuse(["tools", index, "name"], "is there twice");
  }
  if (tools.length > 0 && request.messages === undefined) refuse(["tools"], "needs messages");
  if (tools.length === 0 && choice !== "auto" && choice !== "none") {
    refuse(["tool_choice"], "needs tools");
  } else if (typeof choice === "object" && !names.includes(choice.name)) {
    refuse(["tool_choice", "name"], "is none of the tools");
  }
  if (tools.length === 0 || choice === "none") return;
  for (const field of ["grammar", "json_schema"] as const) {
    if (request[field] !== undefined) refuse([field], "excludes tools that may be called");
  }
}

export const InferenceRequest = z
  .strictObject(generationFields)
  .superRefine((request, context) => checkGenerationFields(request, context));
export type InferenceRequest = z.infer<typeof InferenceRequest>;

/** The answer to `stream: false`. */
export const InferenceResult = z.object({
  request_id: z.string(),
  text: z.string(),
  total_tokens: z.int(),
  duration_ms: z.number(),
  stop_reason: z.enum(["MAX_TOKENS", "EOS", "STOP_SEQUENCE", "CANCELLED"]),
  prompt_tokens: z.int(),
  cached_tokens: z.int(),
  time_to_first_token_ms: z.number().nullable(),
  tokens_per_sec: z.number(),
  tool_calls: z.array(ToolCallOnWire).optional(),
  /** One entry per token, when the request asks for them. */
  logprobs: z.array(TokenLogprobOnWire).optional(),
});
export type InferenceResult = z.infer<typeof InferenceResult>;

export const EmbeddingsRequest = z.strictObject({
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(256)]),
});
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>;
export const EmbeddingsResult = z.object({
  embeddings: z.array(z.array(z.number())),
  prompt_tokens: z.int(),
});
export type EmbeddingsResult = z.infer<typeof EmbeddingsResult>;
export const RerankRequest = z.strictObject({
  query: z.string().min(1),
  documents: z.array(z.string().min(1)).min(1).max(256),
});
export type RerankRequest = z.infer<typeof RerankRequest>;
export const RerankResult = z.object({
  /** In the order of the documents. */
  results: z.array(z.object({ index: z.int(), relevance_score: z.number() })),
  prompt_tokens: z.int(),
});
export type RerankResult = z.infer<typeof RerankResult>;
export const TokenizeRequest = z.strictObject({
  text: z.string().max(sizes.tokenizeCharactersMax),
  parse_special: z.boolean().optional(),
});
export const TokenizeResult = z.object({ tokens: z.array(z.int()), count: z.int() });
