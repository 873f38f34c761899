import type { ChatMessage, Tool, ToolCall } from "../engine.ts";

interface Described {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly Tool[];
  /** Some templates refuse a system message. */
  readonly takesSystem: boolean;
}

/**
 * The same chat for a template that knows nothing of functions: they are described in the system
 * message, calls and results are text, as Hermes writes them.
 */
export function describeTools({ messages, tools, takesSystem }: Described): ChatMessage[] {
  const plain = joinResults(messages.map(describeMessage));
  if (tools.length === 0) return plain;
  const described = renderTools(tools);
  const role = takesSystem ? "system" : "user";
  const index = plain.findIndex((message) => message.role === role);
  const found = plain[index];
  if (found === undefined || (takesSystem && index > 0)) {
    return [{ role, content: described }, ...plain];
  }
  const content = takesSystem
    ? `${found.content}\n\n${described}`
    : `${described}\n\n${found.content}`;
  return plain.with(index, { ...found, content });
}

function renderTools(tools: readonly Tool[]): string {
  const lines = tools.map((tool) => JSON.stringify({ type: "function", function: tool }));
  return [
    "You may call one or more of these functions:",
    "<tools>",
    ...lines,
    "</tools>",
    "To call one, answer with its name and arguments as JSON:",
    '<tool_call>{"name": "<name>", "arguments": {...}}</tool_call>',
  ].join("\n");
}

type PlainMessage = ChatMessage & { readonly isResult: boolean };

function describeMessage(message: ChatMessage): PlainMessage {
  const { role, content, toolCalls = [] } = message;
  if (role === "tool") {
    const result = `<tool_response>\n${content}\n</tool_response>`;
    return { role: "user", content: result, isResult: true };
  }
  const parts = [...(content === "" ? [] : [content]), ...toolCalls.map(renderCall)];
  return { role, content: toolCalls.length === 0 ? content : parts.join("\n"), isResult: false };
}

// Many templates want user and assistant to take turns.
function joinResults(messages: readonly PlainMessage[]): ChatMessage[] {
  const joined: PlainMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last?.isResult === true && message.role === "user") {
      joined.pop();
      joined.push({ ...message, content: `${last.content}\n${message.content}`, isResult: true });
    } else joined.push(message);
  }
  return joined.map(({ role, content }) => ({ role, content }));
}

function renderCall({ name, arguments: text }: ToolCall): string {
  return `<tool_call>{"name": ${JSON.stringify(name)}, "arguments": ${text}}</tool_call>`;
}
