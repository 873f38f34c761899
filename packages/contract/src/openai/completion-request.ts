import { z } from "zod";
import { sizes } from "../limits.ts";
import { completionFields } from "./completion-fields.ts";
import { fieldShape } from "./field-table.ts";
import { sharedRequest } from "./shared-request.ts";

/** The body of `POST /v1/completions`. */
export const CompletionRequest = z.strictObject({
  ...fieldShape(completionFields),
  ...sharedRequest,
  prompt: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(sizes.choicesMax)], {
    error: `must be a text or 1 to ${sizes.choicesMax} texts, none empty; token ids are not supported`,
  }),
  max_tokens: z.int().min(1).nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.int().min(0).max(20).nullish(),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;
