import type { CatalogueModel, ModelShape } from "../domain/catalogue-model.ts";
import type { GgufHeader, GgufMetadata, GgufTensorPlace } from "./read-gguf.ts";

/** What the header of a model's file says about it. */
export type ModelFacts = Pick<
  CatalogueModel,
  | "architecture"
  | "quantization"
  | "parameters"
  | "contextLength"
  | "vocabularySize"
  | "eosTokenId"
  | "hasChatTemplate"
  | "shape"
>;

export interface QuantizationNames {
  /** Names by the numbers of `general.file_type`: `Q4_K_M`. */
  readonly ofFile: Readonly<Record<number, string>>;
  /** Names by the numbers of tensor types: `Q4_K`. */
  readonly ofTensor: Readonly<Record<number, string>>;
}

// Set by llama.cpp in `general.file_type` where it only guessed.
const guessedFlag = 1024;

/** Reads the facts out of the header of the first file and the tensors of all of them. */
export function modelFacts(parts: readonly GgufHeader[], names: QuantizationNames): ModelFacts {
  const metadata = parts[0]?.metadata ?? {};
  const architecture = text(metadata["general.architecture"]);
  const parameters = parts.reduce((total, part) => total + part.parameters, 0);
  const tokens = metadata["tokenizer.ggml.tokens"];
  return {
    architecture,
    quantization: quantizationOf(metadata, parts, names),
    parameters: parameters === 0 ? null : parameters,
    contextLength: count(metadata[`${architecture}.context_length`]),
    vocabularySize: Array.isArray(tokens)
      ? tokens.length
      : count(metadata[`${architecture}.vocab_size`]),
    eosTokenId: count(metadata["tokenizer.ggml.eos_token_id"]),
    hasChatTemplate: text(metadata["tokenizer.chat_template"]) !== null,
    shape: shapeOf(metadata, architecture),
  };
}

function quantizationOf(
  metadata: GgufMetadata,
  parts: readonly GgufHeader[],
  names: QuantizationNames,
): string | null {
  const fileType = count(metadata["general.file_type"]);
  const named = fileType === null ? undefined : names.ofFile[fileType & ~guessedFlag];
  if (named !== undefined) return named;
  const type = mostFrequentType(parts.flatMap(({ tensors }) => tensors));
  return type === undefined ? null : (names.ofTensor[type] ?? null);
}

// By the number of weights: norms are many tensors, but small ones.
function mostFrequentType(tensors: readonly GgufTensorPlace[]): number | undefined {
  const weights = new Map<number, number>();
  for (const { type, shape } of tensors) {
    const elements = shape.reduce((product, dimension) => product * dimension, 1);
    weights.set(type, (weights.get(type) ?? 0) + elements);
  }
  return [...weights].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}

function shapeOf(metadata: GgufMetadata, architecture: string | null): ModelShape | null {
  const value = (name: string) => metadata[`${architecture}.${name}`];
  const layers = count(value("block_count"));
  const embeddingLength = count(value("embedding_length"));
  const heads = average(value("attention.head_count"));
  if (layers === null || embeddingLength === null || heads === null || heads === 0) return null;
  const headLength = embeddingLength / heads;
  return {
    layers,
    embeddingLength,
    heads,
    keyValueHeads: average(value("attention.head_count_kv")) ?? heads,
    keyLength: count(value("attention.key_length")) ?? headLength,
    valueLength: count(value("attention.value_length")) ?? headLength,
  };
}

// Some architectures have a number for each layer.
function average(value: unknown): number | null {
  if (!Array.isArray(value)) return count(value);
  const numbers = value.map((item) => count(item) ?? 0);
  if (numbers.length === 0) return null;
  return numbers.reduce((total, number) => total + number, 0) / numbers.length;
}

function count(value: unknown): number | null {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
