import { z } from "zod";

/** What a completion cost, in tokens. The prompt counts once, however many choices it has. */
export const OpenAiUsage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.object({ cached_tokens: z.int() }),
});
export type OpenAiUsage = z.infer<typeof OpenAiUsage>;

/** The same where nothing is generated. */
export const OpenAiPromptUsage = z.object({ prompt_tokens: z.int(), total_tokens: z.int() });
