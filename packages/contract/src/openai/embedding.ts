import { z } from "zod";
import { OpenAiPromptUsage } from "./usage.ts";

/** The answer of `POST /v1/embeddings`. */
export const OpenAiEmbeddings = z.object({
  object: z.literal("list"),
  data: z.array(
    z.object({
      object: z.literal("embedding"),
      index: z.int(),
      /** Numbers, or 32-bit floats in base64. */
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  model: z.string(),
  usage: OpenAiPromptUsage,
});

/** The answer of `POST /v1/rerank`: the best first. */
export const OpenAiRerank = z.object({
  id: z.string(),
  object: z.literal("list"),
  model: z.string(),
  results: z.array(
    z.object({
      index: z.int(),
      relevance_score: z.number(),
      document: z.object({ text: z.string() }).optional(),
    }),
  ),
  usage: OpenAiPromptUsage,
});
