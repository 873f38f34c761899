import { z } from "zod";
import { sizes } from "../limits.ts";
import { completionFields } from "./completion-fields.ts";
import { fieldShape } from "./field-table.ts";
import { sharedRequest } from "./shared-request.ts";

const Text = z.string({ error: "must be a text: token ids are not supported" }).min(1);

/** The body of `POST /v1/completions`. */
export const CompletionRequest = z.strictObject({
  ...fieldShape(completionFields),
  ...sharedRequest,
  prompt: z.union([z.string().min(1), z.array(Text).min(1).max(sizes.choicesMax)]),
  max_tokens: z.int().min(1).nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.int().min(0).max(20).nullish(),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;
