import { sizes } from "@rbee/contract";
import type { CompletionRequest } from "@rbee/contract";
import { refusal } from "./chat-to-task.ts";
import { sharedToTask } from "./shared-to-task.ts";
import type { NamedTask } from "./shared-to-task.ts";

/** The prompts of a completion; each has `n` choices, all of the first one first. */
export function promptsOf({ prompt }: CompletionRequest): readonly string[] {
  return typeof prompt === "string" ? [prompt] : prompt;
}

/** One choice of a completion of OpenAI's as a task of ours. Throws what is refused by name. */
export function completionToTask(body: CompletionRequest, choice: number): NamedTask {
  const { n, logprobs, echo } = body;
  if (echo === true && typeof logprobs === "number") {
    throw refusal("logprobs", "is not supported together with echo");
  }
  const perPrompt = n ?? 1;
  const prompt = promptsOf(body)[Math.floor(choice / perPrompt)];
  return {
    ...sharedToTask(body, choice % perPrompt),
    prompt,
    max_tokens: body.max_tokens ?? sizes.completionTokensDefault,
    logprobs: logprobs ?? undefined,
  };
}
