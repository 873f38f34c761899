import type { ChatLogprob, CompletionLogprobs, TokenEvent } from "@rbee/contract";

type TokenLogprob = NonNullable<TokenEvent["logprob"]>;

/** Log probabilities as chats have them. */
export function chatLogprobs(tokens: readonly TokenLogprob[]) {
  return { content: tokens.map(chatLogprob), refusal: null };
}

function chatLogprob({ token, logprob, top }: TokenLogprob): ChatLogprob {
  return { ...withBytes({ token, logprob }), top_logprobs: top.map(withBytes) };
}

function withBytes({ token, logprob }: Pick<TokenLogprob, "token" | "logprob">) {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}

/** The older shape; `offset` is where in the text the first of these tokens begins. */
export function completionLogprobs(
  tokens: readonly TokenLogprob[],
  offset: number,
): CompletionLogprobs {
  let at = offset;
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top }) =>
      Object.fromEntries(top.map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: tokens.map(({ token }) => {
      const start = at;
      at += token.length;
      return start;
    }),
  };
}
