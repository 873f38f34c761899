import { z } from "zod";
import { ModelReferenceText, NodeName } from "./workers.ts";

/** A row of a node's catalogue. */
export const ModelOnWire = z.object({
  id: z.string(),
  provider: z.enum(["bundled", "file", "hf"]),
  reference: z.string(),
  variant: z.string().nullable(),
  digest: z.string().nullable(),
  local_path: z.string(),
  size_bytes: z.int(),
  architecture: z.string().nullable(),
  quantization: z.string().nullable(),
  parameters: z.int().nullable(),
  context_length: z.int().nullable(),
  vocabulary_size: z.int().nullable(),
  eos_token_id: z.int().nullable(),
  downloaded_at_unix: z.int(),
  last_used_unix: z.int().nullable(),
  use_count: z.int(),
});
export type ModelOnWire = z.infer<typeof ModelOnWire>;

export const ModelList = z.object({ models: z.array(ModelOnWire) });
export const ModelDownloadRequest = z.strictObject({ model_ref: ModelReferenceText });
export const ModelDownloadAnswer = z.object({
  /** `"cached"` when the model is here already; then `local_path` tells where. */
  download_id: z.string(),
  local_path: z.string().optional(),
});
export type ModelDownloadAnswer = z.infer<typeof ModelDownloadAnswer>;

export const QueenModelRequest = z.strictObject({
  node: NodeName.optional(),
  model: ModelReferenceText,
});
export const QueenVerifyRequest = z.strictObject({
  node: NodeName.optional(),
  model: ModelReferenceText.optional(),
});
export const HiveVerifyRequest = z.strictObject({ model_ref: ModelReferenceText.optional() });

export const ModelDeleted = z.object({
  success: z.literal(true),
  id: z.string(),
  /** Bytes given back; 0 when the file is the person's own (`file:`) or bundled and was left alone. */
  freed_bytes: z.int(),
  file_kept: z.boolean(),
});
export type ModelDeleted = z.infer<typeof ModelDeleted>;
