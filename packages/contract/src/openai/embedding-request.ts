import { z } from "zod";
import { RerankRequest } from "../inference.ts";
import { ModelReferenceText } from "../workers.ts";
import { embeddingFields, rerankFields } from "./embedding-fields.ts";
import { RbeeExtension } from "./extension-fields.ts";
import { fieldShape } from "./field-table.ts";

/** Where it runs and whether it waits; there is no stream that could be narrated. */
const Extension = RbeeExtension.omit({ narration: true }).nullish();

const Text = z.string({ error: "must be a text: token ids are not supported" }).min(1);

/** The body of `POST /v1/embeddings`. */
export const OpenAiEmbeddingsRequest = z.strictObject({
  ...fieldShape(embeddingFields),
  model: ModelReferenceText,
  input: z.union([z.string().min(1), z.array(Text).min(1).max(256)]),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.int().min(1).nullish(),
  rbee: Extension,
});
export type OpenAiEmbeddingsRequest = z.infer<typeof OpenAiEmbeddingsRequest>;

const Document = z.union([z.string().min(1), z.object({ text: z.string().min(1) })], {
  error: "must be a text, or an object with text",
});

/** The body of `POST /v1/rerank`. */
export const OpenAiRerankRequest = z.strictObject({
  ...fieldShape(rerankFields),
  model: ModelReferenceText,
  query: RerankRequest.shape.query,
  documents: z.array(Document).min(1).max(256),
  top_n: z.int().min(1).nullish(),
  return_documents: z.boolean().nullish(),
  rbee: Extension,
});
export type OpenAiRerankRequest = z.infer<typeof OpenAiRerankRequest>;
