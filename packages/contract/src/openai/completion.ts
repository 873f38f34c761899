import { z } from "zod";
import { OpenAiUsage } from "./usage.ts";

/** The older shape: four lists of equal length. */
export const CompletionLogprobs = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number()),
  top_logprobs: z.array(z.record(z.string(), z.number())),
  text_offset: z.array(z.int()),
});
export type CompletionLogprobs = z.infer<typeof CompletionLogprobs>;

const choice = {
  index: z.int(),
  text: z.string(),
  logprobs: CompletionLogprobs.nullable(),
};
const head = {
  id: z.string(),
  object: z.literal("text_completion"),
  created: z.int(),
  model: z.string(),
};

/** The answer of `POST /v1/completions`. */
export const Completion = z.object({
  ...head,
  choices: z.array(z.object({ ...choice, finish_reason: z.enum(["stop", "length"]) })),
  usage: OpenAiUsage,
});
export type Completion = z.infer<typeof Completion>;

/** One event of the stream: the same with what is new. */
export const CompletionChunk = z.object({
  ...head,
  choices: z.array(z.object({ ...choice, finish_reason: z.enum(["stop", "length"]).nullable() })),
  usage: OpenAiUsage.nullish(),
});
export type CompletionChunk = z.infer<typeof CompletionChunk>;
