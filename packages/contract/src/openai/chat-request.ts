import { z } from "zod";
import { ToolOnWire } from "../inference.ts";
import { sizes } from "../limits.ts";
import { chatFields } from "./chat-fields.ts";
import { fieldShape } from "./field-table.ts";
import { sharedRequest } from "./shared-request.ts";

const TextPart = z.object({ type: z.literal("text"), text: z.string() });
const RefusalPart = z.object({ type: z.literal("refusal"), refusal: z.string() });
/** Known so that they can be refused by what they are. */
const MediaPart = z.looseObject({ type: z.enum(["image_url", "input_audio", "file"]) });
export const OpenAiContentPart = z.union([TextPart, RefusalPart, MediaPart]);
export type OpenAiContentPart = z.infer<typeof OpenAiContentPart>;

const partsWord = "a text, or parts of type text (image_url where the model sees)";
const Content = z.union([z.string(), z.array(OpenAiContentPart).min(1)], {
  error: `must be ${partsWord}`,
});

const ToolCall = z.object({
  id: z.string().min(1).max(sizes.identifierMax),
  type: z.literal("function", { error: "must be function: there are no other tools" }),
  function: z.object({ name: ToolOnWire.shape.name, arguments: z.string() }),
});

export const OpenAiMessage = z.object({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: Content.nullish(),
  name: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(ToolCall).nullish(),
  tool_call_id: z.string().min(1).max(sizes.identifierMax).nullish(),
});
export type OpenAiMessage = z.infer<typeof OpenAiMessage>;

const Tool = z.object({
  type: z.literal("function", { error: "must be function: there are no other tools" }),
  function: z.object({
    name: ToolOnWire.shape.name,
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.json()).nullish(),
    strict: z.boolean().nullish(),
  }),
});

const ToolChoice = z.union(
  [
    z.enum(["auto", "none", "required"]),
    z.strictObject({
      type: z.literal("function"),
      function: z.strictObject({ name: ToolOnWire.shape.name }),
    }),
  ],
  { error: "must be auto, none, required or one function" },
);

const ResponseFormat = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("text") }),
    z.strictObject({ type: z.literal("json_object") }),
    z.strictObject({
      type: z.literal("json_schema"),
      json_schema: z.strictObject({
        name: z.string().nullish(),
        description: z.string().nullish(),
        schema: z.record(z.string(), z.json()).nullish(),
        strict: z.boolean().nullish(),
      }),
    }),
  ],
  { error: "must be of type text, json_object or json_schema" },
);

/** The body of `POST /v1/chat/completions`. */
export const ChatCompletionRequest = z.strictObject({
  ...fieldShape(chatFields),
  ...sharedRequest,
  messages: z.array(OpenAiMessage).min(1),
  max_completion_tokens: z.int().min(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  tools: z.array(Tool).max(sizes.toolsMax).nullish(),
  tool_choice: ToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: ResponseFormat.nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
});
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>;
