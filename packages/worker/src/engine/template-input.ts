import type { ChatMessage, Tool } from "../engine.ts";

const mistralIdCharacters = 9;

/** Messages in the shape that chat templates are written for. */
export function buildTemplateMessages(
  messages: readonly ChatMessage[],
  needsShortIds: boolean,
): Record<string, unknown>[] {
  const ids = new Map<string, string>();
  const spellId = (id: string): string => {
    if (!needsShortIds) return id;
    const known = ids.get(id) ?? String(ids.size + 1).padStart(mistralIdCharacters, "0");
    ids.set(id, known);
    return known;
  };
  return messages.map(({ role, content, toolCalls, toolCallId }) => ({
    role,
    content,
    ...(toolCallId === undefined ? {} : { tool_call_id: spellId(toolCallId) }),
    ...(toolCalls === undefined
      ? {}
      : {
          tool_calls: toolCalls.map((call) => ({
            id: spellId(call.id),
            type: "function",
            function: { name: call.name, arguments: parseArguments(call.arguments) },
          })),
        }),
  }));
}

export function buildTemplateTools(tools: readonly Tool[]): Record<string, unknown>[] {
  return tools.map(({ name, description = "", parameters }) => ({
    type: "function",
    function: {
      name,
      description,
      parameters: parameters ?? { type: "object", properties: {} },
    },
  }));
}

// Templates write the arguments as JSON themselves; what is no JSON stays what the model said.
function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
