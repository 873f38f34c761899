import type { ResponseLogprob, TokenLogprobOnWire } from "@rbee/contract";
import type { z } from "zod";

/** A token's likelihood, with the bytes of every text. */
export function logprobToResponse(
  token: string,
  { logprob, top }: z.infer<typeof TokenLogprobOnWire>,
): ResponseLogprob {
  return {
    ...withBytes({ token, logprob }),
    top_logprobs: top.map(withBytes),
  };
}

function withBytes({ token, logprob }: { readonly token: string; readonly logprob: number }) {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}
