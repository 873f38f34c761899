// Models of the llama architecture with random weights: real in shape and size, so that they load,
// infer and take memory as real ones do, without a download. What they say makes no sense.
import { gguf } from "@huggingface/gguf";
import { writeGguf } from "./write-gguf.ts";
import type { GgmlTypeName } from "./ggml-blocks.ts";
import type { GgufTensor, GgufValue } from "./write-gguf.ts";

export interface LlamaShape {
  readonly name: string;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Fewer than `heads` for grouped-query attention. */
  readonly keyValueHeads?: number;
  readonly feedForwardWidth: number;
  /** The tokenizer is filled up to this number with words that are only ever generated. */
  readonly vocabularySize: number;
  readonly contextLength: number;
  /** Small models use one matrix for words in and words out. */
  readonly isTied: boolean;
  readonly weightType: GgmlTypeName;
  /** As in `general.file_type`; leave it out to have it absent from the file. */
  readonly fileType?: number;
  /** `zeros` for tests of size alone: the file takes no room on disk. */
  readonly fill?: "random" | "zeros";
}

// The control tokens come first in hello-bee's vocabulary; their output rows stay zero, so that
// greedy generation never ends by itself.
const controlTokens = 4;
const controlType = 3;
const normalType = 1;

/** Writes the model with the tokenizer of `tokenizerModel` and returns its size in bytes. */
export async function writeLlamaModel(
  path: string,
  shape: LlamaShape,
  tokenizerModel: string,
): Promise<number> {
  const tokenizer = await readTokenizer(tokenizerModel, shape.vocabularySize);
  return writeGguf(path, {
    metadata: { ...describeLlama(shape), ...tokenizer },
    tensors: listLlamaTensors(shape),
  });
}

/**
 * Writes the model as llama.cpp splits large ones: `<stem>-00001-of-0000N.gguf` and so on, the
 * first with all metadata. Returns the paths.
 */
export async function writeSplitLlamaModel(
  stem: string,
  shape: LlamaShape,
  { tokenizerModel, partCount }: { readonly tokenizerModel: string; readonly partCount: number },
): Promise<readonly string[]> {
  const tokenizer = await readTokenizer(tokenizerModel, shape.vocabularySize);
  const tensors = listLlamaTensors(shape);
  const perPart = Math.ceil(tensors.length / partCount);
  const digits = (value: number) => String(value).padStart(5, "0");
  return Array.from({ length: partCount }, (_, index) => {
    const path = `${stem}-${digits(index + 1)}-of-${digits(partCount)}.gguf`;
    writeGguf(path, {
      metadata: {
        ...(index === 0 ? { ...describeLlama(shape), ...tokenizer } : {}),
        "split.no": { type: "uint16", value: index },
        "split.count": { type: "uint16", value: partCount },
        "split.tensors.count": { type: "int32", value: tensors.length },
      },
      tensors: tensors.slice(index * perPart, (index + 1) * perPart),
    });
    return path;
  });
}

function describeLlama(shape: LlamaShape): Record<string, GgufValue> {
  return {
    "general.architecture": "llama",
    "general.name": shape.name,
    ...(shape.fileType === undefined ? {} : { "general.file_type": shape.fileType }),
    "llama.vocab_size": shape.vocabularySize,
    "llama.context_length": shape.contextLength,
    "llama.embedding_length": shape.width,
    "llama.block_count": shape.layers,
    "llama.feed_forward_length": shape.feedForwardWidth,
    "llama.attention.head_count": shape.heads,
    "llama.attention.head_count_kv": shape.keyValueHeads ?? shape.heads,
    "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 },
    "llama.rope.dimension_count": shape.width / shape.heads,
  };
}

function listLlamaTensors(shape: LlamaShape): GgufTensor[] {
  const { width, feedForwardWidth, vocabularySize, weightType, fill = "random" } = shape;
  const keyWidth = (width / shape.heads) * (shape.keyValueHeads ?? shape.heads);
  const matrix = (name: string, columns: number, rows: number): GgufTensor => ({
    name: `${name}.weight`,
    dimensions: [columns, rows],
    type: weightType,
    fill,
  });
  const norm = (name: string): GgufTensor => ({
    name: `${name}.weight`,
    dimensions: [width],
    type: "F32",
    fill: fill === "zeros" ? "zeros" : "ones",
  });
  const blocks = Array.from({ length: shape.layers }, (_, index) => [
    norm(`blk.${index}.attn_norm`),
    matrix(`blk.${index}.attn_q`, width, width),
    matrix(`blk.${index}.attn_k`, width, keyWidth),
    matrix(`blk.${index}.attn_v`, width, keyWidth),
    matrix(`blk.${index}.attn_output`, width, width),
    norm(`blk.${index}.ffn_norm`),
    matrix(`blk.${index}.ffn_gate`, width, feedForwardWidth),
    matrix(`blk.${index}.ffn_up`, width, feedForwardWidth),
    matrix(`blk.${index}.ffn_down`, feedForwardWidth, width),
  ]);
  const words = (name: string): GgufTensor => ({
    ...matrix(name, width, vocabularySize),
    zeroRows: controlTokens,
  });
  const output = shape.isTied ? [] : [words("output")];
  return [words("token_embd"), ...blocks.flat(), norm("output_norm"), ...output];
}

async function readTokenizer(
  model: string,
  vocabularySize: number,
): Promise<Record<string, GgufValue>> {
  const { metadata } = await gguf(model, { allowLocalFile: true });
  const values = Object.entries(metadata).filter(([key]) => key.startsWith("tokenizer."));
  const tokenizer = Object.fromEntries(values) as Record<string, GgufValue>;
  const words = tokenizer["tokenizer.ggml.tokens"] as readonly string[];
  const filler = Array.from(
    { length: Math.max(0, vocabularySize - words.length) },
    (_, index) => `Ġ${index.toString(26).padStart(4, "0")}x`,
  );
  const types = Int32Array.from({ length: vocabularySize }, (_, index) =>
    index < controlTokens ? controlType : normalType,
  );
  return {
    ...tokenizer,
    "tokenizer.ggml.tokens": [...words, ...filler].slice(0, vocabularySize),
    "tokenizer.ggml.token_type": types,
  };
}
