import { logprobsInclude } from "@rbee/contract";
import type { ResponseRequest, TaskRequest } from "@rbee/contract";
import { refusal } from "../openai/chat-to-task.ts";
import { inputToMessages } from "./input-to-messages.ts";

/** All that is left of the context: the worker caps it. */
const wholeContext = 2 ** 31 - 1;

type Tools = Pick<TaskRequest, "tools" | "tool_choice" | "parallel_tool_calls">;
type Task = TaskRequest & { readonly model: string };

/** What a response is made of, as a task. Throws what is refused by name. */
export function responseToTask(request: ResponseRequest): Task {
  const { model, temperature, top_p: topP, max_output_tokens: limit, rbee, text } = request;
  const { narration: _narration, ...where } = rbee ?? {};
  const schema = schemaOf(text?.format ?? undefined);
  return {
    ...where,
    model,
    messages: inputToMessages(request),
    stream: true,
    max_tokens_capped: true,
    max_tokens: limit ?? wholeContext,
    ...(temperature == null ? {} : { temperature }),
    ...(topP == null ? {} : { top_p: topP }),
    ...(schema === undefined ? {} : { json_schema: schema }),
    ...(wantsLogprobs(request) ? { logprobs: request.top_logprobs ?? 0 } : {}),
    ...toolsOf(request),
  };
}

function wantsLogprobs({ include, top_logprobs: top }: ResponseRequest): boolean {
  return top != null || (include ?? []).includes(logprobsInclude);
}

type TextFormat = NonNullable<NonNullable<ResponseRequest["text"]>["format"]>;

function schemaOf(format: TextFormat | undefined): TaskRequest["json_schema"] {
  if (format?.type === "json_schema") return format.schema;
  return format?.type === "json_object" ? { type: "object" } : undefined;
}

function toolsOf({ tools, tool_choice: choice, parallel_tool_calls }: ResponseRequest): Tools {
  const offered = (tools ?? []).filter(({ name }) => isAllowed(name, choice));
  if (offered.length === 0) {
    const needsOne = choice === "required" || typeof choice === "object";
    if (choice != null && needsOne) throw refusal("tool_choice", "needs tools");
    return {};
  }
  return {
    tools: offered.map(({ name, description, parameters }) => ({
      name,
      ...(description == null ? {} : { description }),
      ...(parameters == null ? {} : { parameters }),
    })),
    ...(choice == null ? {} : { tool_choice: choiceOf(choice) }),
    ...(parallel_tool_calls == null ? {} : { parallel_tool_calls }),
  };
}

type Choice = NonNullable<ResponseRequest["tool_choice"]>;

function choiceOf(choice: Choice): NonNullable<TaskRequest["tool_choice"]> {
  if (typeof choice === "string") return choice;
  return choice.type === "function" ? { name: choice.name } : choice.mode;
}

function isAllowed(name: string, choice: Choice | null | undefined): boolean {
  if (typeof choice !== "object" || choice?.type !== "allowed_tools") return true;
  return choice.tools.some((tool) => tool.name === name);
}
