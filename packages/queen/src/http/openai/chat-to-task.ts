import { RbeeError } from "@rbee/contract";
import type { ChatCompletionRequest } from "@rbee/contract";
import { chatMessages } from "./chat-messages.ts";
import { sharedToTask } from "./shared-to-task.ts";
import type { NamedTask } from "./shared-to-task.ts";

/** All that is left of the context: the worker caps it. */
const unlimited = 2 ** 31 - 1;

/** A chat of OpenAI's as a task of ours. Throws what is refused by name. */
export function chatToTask(body: ChatCompletionRequest, choice: number): NamedTask {
  requireLogprobs(body);
  return {
    ...sharedToTask(body, choice),
    messages: chatMessages(body.messages),
    max_tokens: body.max_completion_tokens ?? body.max_tokens ?? unlimited,
    ...toolsOf(body),
    json_schema: schemaOf(body),
    logprobs: body.logprobs === true ? (body.top_logprobs ?? 0) : undefined,
  };
}

function requireLogprobs({ logprobs, top_logprobs: top }: ChatCompletionRequest): void {
  if (logprobs === true || (top ?? 0) === 0) return;
  throw refusal("top_logprobs", "needs logprobs: true");
}

function toolsOf(body: ChatCompletionRequest) {
  const { tools, tool_choice: choice, parallel_tool_calls: parallel } = body;
  if (tools === null || tools === undefined || tools.length === 0) {
    if (choice === "required" || typeof choice === "object") requireNoChoice(choice);
    return {};
  }
  return {
    tools: tools.map(({ function: { name, description, parameters } }) => ({
      name,
      description: description ?? undefined,
      parameters: parameters ?? undefined,
    })),
    tool_choice: typeof choice === "object" ? namedChoice(choice) : choice,
    parallel_tool_calls: parallel ?? undefined,
  };
}

type Choice = ChatCompletionRequest["tool_choice"];

function requireNoChoice(choice: Choice): void {
  if (choice !== null) throw refusal("tool_choice", "needs tools");
}

function namedChoice(choice: Choice & (object | null)) {
  return choice === null ? undefined : { name: choice.function.name };
}

function schemaOf({ response_format: format }: ChatCompletionRequest): NamedTask["json_schema"] {
  if (format === null || format === undefined || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "object" };
  return format.json_schema.schema ?? { type: "object" };
}

/** The request is refused because of one field. */
export function refusal(field: string, message: string): RbeeError {
  return new RbeeError("INVALID_REQUEST", { errors: [{ field, constraint: "custom", message }] });
}
