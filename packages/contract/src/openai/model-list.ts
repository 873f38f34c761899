import { z } from "zod";

/** A model that can be asked for, as OpenAI describes one, and what we know beyond. */
export const OpenAiModel = z.object({
  id: z.string(),
  object: z.literal("model"),
  /** When it came to the first node that has it, in Unix seconds. */
  created: z.int(),
  owned_by: z.string(),
  /** The nodes that have it on disk or in memory. */
  nodes: z.array(z.string()),
  /** A worker has it in memory now. */
  loaded: z.boolean(),
  /** Where this is a configured name: for what. */
  alias_of: z.string().nullable(),
  context_length: z.int().nullable(),
});
export type OpenAiModel = z.infer<typeof OpenAiModel>;

/** The answer of `GET /v1/models`. */
export const OpenAiModelList = z.object({
  object: z.literal("list"),
  data: z.array(OpenAiModel),
});
