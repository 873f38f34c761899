import { sharedFields } from "./chat-fields.ts";
import { honoured, refused } from "./field-table.ts";
import type { FieldTable } from "./field-table.ts";

/** Every field of `POST /v1/completions`. */
export const completionFields = {
  ...sharedFields,
  prompt: honoured("a text or several, each with a choice of its own; token ids are refused"),
  max_tokens: honoured("16 without it, as at OpenAI; capped by what is left of the context"),
  echo: honoured("the prompt before the answer; not together with `logprobs`"),
  logprobs: honoured("0 to 20 alternatives with every token"),
  best_of: refused("ask for n and choose yourself", 1),
  suffix: refused("models continue a text, they fill no gap", ""),
} as const satisfies FieldTable;
