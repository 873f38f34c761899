import { sizes } from "@rbee/contract";

export interface BudgetInput {
  readonly promptTokens: number;
  /** What the request asks for; undefined when it leaves that to us. */
  readonly maxTokensWished: number | undefined;
  readonly contextSize: number;
  /** A wish beyond the context is cut to what is left: what OpenAI's clients expect. */
  readonly isCapped?: boolean;
}

export type TokenBudget =
  | { readonly fits: true; readonly maxTokens: number }
  | { readonly fits: false };

/**
 * How many tokens a request may generate. A prompt must leave room for one token; a wish beyond
 * the context is refused rather than cut, so that nobody is surprised by a short answer; unless the
 * request says that it is capped.
 */
export function planTokenBudget(input: BudgetInput): TokenBudget {
  const { maxTokensWished: wished, isCapped = false } = input;
  const tokensLeft = input.contextSize - input.promptTokens;
  if (tokensLeft < (isCapped ? 1 : (wished ?? 1))) return { fits: false };
  return { fits: true, maxTokens: Math.min(wished ?? sizes.maxTokensDefault, tokensLeft) };
}
