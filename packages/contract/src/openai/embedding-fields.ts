import { honoured, ignored } from "./field-table.ts";
import type { FieldTable } from "./field-table.ts";

/** Every field of `POST /v1/embeddings`. */
export const embeddingFields = {
  model: honoured("a reference or an alias"),
  input: honoured("a text or up to 256; token ids are refused"),
  encoding_format: honoured("`float` or `base64` (32-bit floats, little-endian)"),
  dimensions: honoured("only what the model has; anything else is refused"),
  rbee: honoured("an extension: see below"),
  user: ignored("keys tell who asks"),
} as const satisfies FieldTable;

/** Every field of `POST /v1/rerank`, as Cohere's and Jina's clients send it. */
export const rerankFields = {
  model: honoured("a reference or an alias"),
  query: honoured("a text"),
  documents: honoured("up to 256 texts, or objects with `text`"),
  top_n: honoured("so many of the best"),
  return_documents: honoured("true: each result has its `document`"),
  rbee: honoured("an extension: see below"),
  user: ignored("keys tell who asks"),
} as const satisfies FieldTable;
