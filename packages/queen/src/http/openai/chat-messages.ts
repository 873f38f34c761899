import { RbeeError } from "@rbee/contract";
import type { ChatMessageOnWire, OpenAiContentPart, OpenAiMessage } from "@rbee/contract";

/** The messages of a chat as the worker takes them. Throws what is refused by name. */
export function chatMessages(messages: readonly OpenAiMessage[]): ChatMessageOnWire[] {
  return messages.map((message, index) => {
    const { role, content, refusal, tool_calls: calls, tool_call_id: callId } = message;
    const text = textOf(content ?? refusal ?? "", `messages.${index}.content`);
    return {
      role: role === "developer" ? "system" : role,
      content: text,
      ...(calls === null || calls === undefined || calls.length === 0 ? {} : { tool_calls: calls }),
      ...(callId === null || callId === undefined ? {} : { tool_call_id: callId }),
    };
  });
}

type Content = string | readonly OpenAiContentPart[];

// Parts are pieces of one message; each begins on a line of its own.
function textOf(content: Content, field: string): string {
  if (typeof content === "string") return content;
  return content.map((part, index) => textOfPart(part, `${field}.${index}`)).join("\n");
}

function textOfPart(part: OpenAiContentPart, field: string): string {
  if (part.type === "text") return part.text;
  if (part.type === "refusal") return part.refusal;
  if (part.type === "image_url")
    throw new RbeeError("CAPABILITY_MISSING", { capability: "vision" });
  const message = `is not supported: models read text, no ${part.type}`;
  const errors = [{ field, constraint: "custom", message }];
  throw new RbeeError("INVALID_REQUEST", { errors });
}
