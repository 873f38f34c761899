import { sizes } from "@rbee/contract";

export interface BudgetInput {
  readonly promptTokens: number;
  /** What the request asks for; undefined when it leaves that to us. */
  readonly maxTokensWished: number | undefined;
  readonly contextSize: number;
}

export type TokenBudget =
  | { readonly fits: true; readonly maxTokens: number }
  | { readonly fits: false };

/**
 * How many tokens a request may generate. A prompt must leave room for one token; a wish beyond
 * the context is refused rather than cut, so that nobody is surprised by a short answer.
 */
export function planTokenBudget(input: BudgetInput): TokenBudget {
  const tokensLeft = input.contextSize - input.promptTokens;
  if (tokensLeft < (input.maxTokensWished ?? 1)) return { fits: false };
  const maxTokens = input.maxTokensWished ?? Math.min(sizes.maxTokensDefault, tokensLeft);
  return { fits: true, maxTokens };
}
