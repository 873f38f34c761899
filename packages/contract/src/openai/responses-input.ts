import { z } from "zod";
import { sizes } from "../limits.ts";

const ItemId = z.string().max(sizes.identifierMax).nullish();
const ItemStatus = z.enum(["in_progress", "completed", "incomplete"]).nullish();

/** A kind of item or part that OpenAI has and rbee has not: refused by its name. */
function refusedKind<const Kind extends string>(kind: Kind, reason: string) {
  const message = `is not supported: ${reason}`;
  return z.object({ type: z.literal(kind) }).superRefine((_value, context) => {
    context.addIssue({ code: "custom", path: ["type"], message: `'${kind}' ${message}` });
  });
}

const noMedia = "models read text";
const TextPart = z.strictObject({ type: z.enum(["input_text", "text"]), text: z.string() });
/** What an earlier answer said; its annotations and figures are of no use to the model. */
const OutputTextPart = z.strictObject({
  type: z.literal("output_text"),
  text: z.string(),
  annotations: z.array(z.unknown()).nullish(),
  logprobs: z.array(z.unknown()).nullish(),
  parsed: z.unknown().optional(),
});
const RefusalPart = z.strictObject({ type: z.literal("refusal"), refusal: z.string() });

const MessagePart = z.discriminatedUnion(
  "type",
  [
    TextPart,
    OutputTextPart,
    RefusalPart,
    /** Known so that it can be refused by what it is. */
    z.looseObject({ type: z.literal("input_image") }),
    refusedKind("input_file", noMedia),
    refusedKind("input_audio", noMedia),
  ],
  { error: "must be input_text or output_text" },
);

const InputMessage = z.strictObject({
  type: z.literal("message").optional(),
  id: ItemId,
  role: z.enum(["user", "assistant", "system", "developer"]),
  content: z.union([z.string(), z.array(MessagePart)]),
  status: ItemStatus,
  phase: z.enum(["commentary", "final_answer"]).nullish(),
});

const CallId = z.string().min(1).max(sizes.identifierMax);
const FunctionCallItem = z.strictObject({
  type: z.literal("function_call"),
  id: ItemId,
  call_id: CallId,
  name: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, "1 to 64 letters, digits, _ . -"),
  arguments: z.string(),
  status: ItemStatus,
  parsed_arguments: z.unknown().optional(),
});
const FunctionOutputItem = z.strictObject({
  type: z.literal("function_call_output"),
  id: ItemId,
  call_id: CallId,
  output: z.union([z.string(), z.array(MessagePart)]),
  status: ItemStatus,
});

const notKept = "rbee keeps no answers; send the item itself";
const noSuchTool = "the model has no tool of that kind";
const refusedItems = [
  refusedKind("item_reference", notKept),
  refusedKind("reasoning", "models of rbee do not reason apart from their answer"),
  refusedKind("compaction", "nothing here makes or reads it"),
  refusedKind("file_search_call", noSuchTool),
  refusedKind("web_search_call", noSuchTool),
  refusedKind("computer_call", noSuchTool),
  refusedKind("computer_call_output", noSuchTool),
  refusedKind("code_interpreter_call", noSuchTool),
  refusedKind("image_generation_call", noSuchTool),
  refusedKind("local_shell_call", noSuchTool),
  refusedKind("local_shell_call_output", noSuchTool),
  refusedKind("shell_call", noSuchTool),
  refusedKind("shell_call_output", noSuchTool),
  refusedKind("apply_patch_call", noSuchTool),
  refusedKind("apply_patch_call_output", noSuchTool),
  refusedKind("custom_tool_call", noSuchTool),
  refusedKind("custom_tool_call_output", noSuchTool),
  refusedKind("mcp_call", noSuchTool),
  refusedKind("mcp_list_tools", noSuchTool),
  refusedKind("mcp_approval_request", noSuchTool),
  refusedKind("mcp_approval_response", noSuchTool),
] as const;

/** One thing that was said or done before: a message, a call of a function, or what it returned. */
export const ResponseInputItem = z.discriminatedUnion(
  "type",
  [InputMessage, FunctionCallItem, FunctionOutputItem, ...refusedItems],
  { error: "must be a message, a function_call or a function_call_output" },
);
export type ResponseInputItem = z.infer<typeof ResponseInputItem>;
export type ResponseMessagePart = z.infer<typeof MessagePart>;
