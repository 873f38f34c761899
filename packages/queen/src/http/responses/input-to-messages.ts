import { RbeeError } from "@rbee/contract";
import type {
  ChatMessageOnWire,
  ResponseInputItem,
  ResponseMessagePart,
  ResponseRequest,
} from "@rbee/contract";

type Content = string | readonly ResponseMessagePart[];
type Said = Pick<ResponseRequest, "instructions" | "input">;

/**
 * The items of a response's input as the messages that a chat template knows. Throws
 * CAPABILITY_MISSING for an image.
 */
export function inputToMessages({ instructions, input }: Said): ChatMessageOnWire[] {
  const messages: ChatMessageOnWire[] = [];
  if (instructions != null && instructions !== "") {
    messages.push({ role: "system", content: instructions });
  }
  if (typeof input === "string") return [...messages, { role: "user", content: input }];
  for (const item of input) addItem(messages, item);
  return messages;
}

function addItem(messages: ChatMessageOnWire[], item: ResponseInputItem): void {
  switch (item.type) {
    case "function_call":
      addCall(messages, item);
      break;
    case "function_call_output":
      messages.push({
        role: "tool",
        tool_call_id: item.call_id,
        content: textOf(item.output),
      });
      break;
    case "message":
    case undefined:
      messages.push({ role: roleOf(item.role), content: textOf(item.content) });
      break;
    default:
      // The contract lets no other kind through.
      break;
  }
}

type FunctionCallItem = Extract<ResponseInputItem, { type: "function_call" }>;

// A chat template knows one message with all calls of a turn; here each call is an item.
function addCall(
  messages: ChatMessageOnWire[],
  { call_id, name, arguments: text }: FunctionCallItem,
) {
  const call = { id: call_id, type: "function", function: { name, arguments: text } } as const;
  const last = messages.at(-1);
  if (last?.role !== "assistant") {
    messages.push({ role: "assistant", content: "", tool_calls: [call] });
    return;
  }
  messages.splice(-1, 1, { ...last, tool_calls: [...(last.tool_calls ?? []), call] });
}

function roleOf(role: "user" | "assistant" | "system" | "developer") {
  return role === "developer" ? "system" : role;
}

function textOf(content: Content): string {
  if (typeof content === "string") return content;
  // Parts are pieces of one message; each begins on a line of its own.
  return content.map(partText).join("\n");
}

function partText(part: ResponseMessagePart): string {
  if (part.type === "refusal") return part.refusal;
  if (part.type === "input_text" || part.type === "text" || part.type === "output_text") {
    return part.text;
  }
  throw new RbeeError("CAPABILITY_MISSING", { capability: "vision" });
}
