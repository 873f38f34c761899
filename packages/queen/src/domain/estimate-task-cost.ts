import { queueTurns, sizes } from "@rbee/contract";
import type { TaskRequest } from "@rbee/contract";

/** The part of a request that says how much work it is. */
export type CostlyRequest = Pick<TaskRequest, "prompt" | "messages" | "max_tokens">;

/** The tokens that a task will probably take, prompt and answer together. At least one. */
export function estimateTaskCost(request: CostlyRequest): number {
  return estimatePromptTokens(request) + (request.max_tokens ?? sizes.maxTokensDefault);
}

export function estimatePromptTokens({ prompt, messages = [] }: CostlyRequest): number {
  const characters =
    (prompt?.length ?? 0) + messages.reduce((sum, { content }) => sum + content.length, 0);
  return Math.max(1, Math.ceil(characters / queueTurns.charactersPerToken));
}
