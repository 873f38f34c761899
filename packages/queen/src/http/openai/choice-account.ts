import type { OpenAiUsage, TaskEvent } from "@rbee/contract";

/** What one choice cost so far. */
export interface ChoiceAccount {
  readonly note: (event: TaskEvent) => void;
  readonly promptTokens: () => number;
  readonly cachedTokens: () => number;
  readonly generatedTokens: () => number;
}

export function createChoiceAccount(): ChoiceAccount {
  let [prompt, cached, generated] = [0, 0, 0];
  return {
    note(event) {
      if (event.type === "started") {
        prompt = event.prompt_tokens;
        cached = event.cached_tokens;
      }
      if (event.type === "done") generated = event.total_tokens;
    },
    promptTokens: () => prompt,
    cachedTokens: () => cached,
    generatedTokens: () => generated,
  };
}

/** All choices together; of those of one prompt, the prompt counts once. */
export function usageOf(accounts: readonly ChoiceAccount[], choicesPerPrompt: number): OpenAiUsage {
  const sum = (figures: readonly number[]) => figures.reduce((total, figure) => total + figure, 0);
  const firsts = accounts.filter((_account, index) => index % choicesPerPrompt === 0);
  const promptTokens = sum(firsts.map((account) => account.promptTokens()));
  const generated = sum(accounts.map((account) => account.generatedTokens()));
  return {
    prompt_tokens: promptTokens,
    completion_tokens: generated,
    total_tokens: promptTokens + generated,
    prompt_tokens_details: { cached_tokens: sum(firsts.map((account) => account.cachedTokens())) },
  };
}
