import { z } from "zod";
import { sizes } from "../limits.ts";
import { ModelReferenceText } from "../workers.ts";
import { RbeeExtension } from "./extension-fields.ts";
import { fieldShape, refused } from "./field-table.ts";
import { responsesFields } from "./responses-fields.ts";
import { ResponseInputItem } from "./responses-input.ts";

const FunctionName = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, "1 to 64 letters, digits, _ . -");

const FunctionTool = z.strictObject({
  type: z.literal("function", {
    error: ({ input }) => `is not supported: '${kindOf(input)}' is no function`,
  }),
  name: FunctionName,
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.json()).nullish(),
  /** Arguments follow the schema in any case. */
  strict: z.boolean().nullish(),
  ...fieldShape({
    allowed_callers: refused("only the model itself calls functions", ["direct"]),
    async: refused("a call ends the answer", false),
    defer_loading: refused("all functions are shown to the model", false),
    output_schema: refused("what functions return is read as text"),
  }),
});

// What was sent is the client's own text: long ones are cut so that nothing large is echoed.
function kindOf(input: unknown): string {
  return typeof input === "string" ? input.slice(0, sizes.identifierMax) : typeof input;
}

const NamedTool = z.strictObject({ type: z.literal("function"), name: FunctionName });
const ToolChoice = z.union(
  [
    z.enum(["none", "auto", "required"]),
    NamedTool,
    z.strictObject({
      type: z.literal("allowed_tools"),
      mode: z.enum(["auto", "required"]),
      tools: z.array(NamedTool).min(1).max(sizes.toolsMax),
    }),
  ],
  { error: "must be auto, none, required, one function, or allowed_tools with functions" },
);

const TextFormat = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("text") }),
    z.strictObject({ type: z.literal("json_object") }),
    z.strictObject({
      type: z.literal("json_schema"),
      name: FunctionName,
      description: z.string().nullish(),
      schema: z.record(z.string(), z.json()),
      /** The grammar that is made of the schema is always strict. */
      strict: z.boolean().nullish(),
    }),
  ],
  { error: "must be of type text, json_object or json_schema" },
);

/** The one kind of further output that there is here. */
export const logprobsInclude = "message.output_text.logprobs";

/** Kinds that belong to items which never occur here: there is nothing to leave out. */
const otherIncludes = [
  "file_search_call.results",
  "web_search_call.results",
  "web_search_call.action.sources",
  "message.input_image.image_url",
  "computer_call_output.output.image_url",
  "code_interpreter_call.outputs",
  "reasoning.encrypted_content",
] as const;

const metadataMax = { entries: 16, key: 64, value: 512 } as const;
const Metadata = z
  .record(z.string().max(metadataMax.key), z.string().max(metadataMax.value))
  .refine((entries) => Object.keys(entries).length <= metadataMax.entries, {
    error: `has more than ${metadataMax.entries} entries`,
  });

/** The fields of `POST /v1/responses`. */
export const ResponseRequest = z.strictObject({
  model: ModelReferenceText,
  input: z.union([z.string().min(1), z.array(ResponseInputItem).min(1)], {
    error: "must be a text, or a list of items",
  }),
  instructions: z.string().nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  tools: z.array(FunctionTool).max(sizes.toolsMax).nullish(),
  tool_choice: ToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z
    .strictObject({
      format: TextFormat.nullish(),
      ...fieldShape({ verbosity: refused("ask for it in the instructions", "medium") }),
    })
    .nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  include: z.array(z.enum([logprobsInclude, ...otherIncludes])).nullish(),
  metadata: Metadata.nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({
      ...fieldShape({ include_obfuscation: refused("nothing is padded", false) }),
    })
    .nullish(),
  /** Names for the client's own use; they are echoed. */
  user: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
  rbee: RbeeExtension.nullish(),
  ...fieldShape(responsesFields),
});
export type ResponseRequest = z.infer<typeof ResponseRequest>;
