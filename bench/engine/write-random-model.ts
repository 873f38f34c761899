// Writes GGUF models of real shape with random weights: what a bench needs, without a download.
// The tokenizer is that of hello-bee, filled up with words that are never read, only generated.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { controlTokens, copyTokenizer, GgufMetadataWriter } from "./gguf-metadata.ts";

export interface ModelShape {
  readonly name: string;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly feedForwardWidth: number;
  readonly vocabularySize: number;
  readonly contextLength: number;
  /** Small models use one matrix for words in and words out. */
  readonly isTied: boolean;
}

export const modelShapes = {
  "15m": {
    name: "random-15m",
    layers: 6,
    width: 288,
    heads: 6,
    feedForwardWidth: 768,
    vocabularySize: 32_000,
    contextLength: 4096,
    isTied: true,
  },
  "160m": {
    name: "random-160m",
    layers: 12,
    width: 768,
    heads: 12,
    feedForwardWidth: 3072,
    vocabularySize: 32_000,
    contextLength: 4096,
    isTied: false,
  },
} as const satisfies Record<string, ModelShape>;

interface Tensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly isNorm: boolean;
}

const f32 = 0;
const q8 = 8;
// 32 numbers share one half-precision scale.
const blockElements = 32;
const blockBytes = 34;
// Half-precision 2^-12: numbers up to 127 times that, about what trained weights have.
const blockScale = 3 << 10;
const alignment = 32;
const outputNames: ReadonlySet<string> = new Set(["token_embd.weight", "output.weight"]);
const seed = 0x9e3779b9;

/** Writes the model unless it is there; returns its path. The same shape gives the same bytes. */
export function ensureRandomModel(
  shape: ModelShape,
  folder: string,
  tokenizerModel: string,
): string {
  const path = `${folder}/${shape.name}-q8_0.gguf`;
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const partPath = `${path}.part`;
  const file = openSync(partPath, "w");
  try {
    writeModel(file, shape, tokenizerModel);
  } finally {
    closeSync(file);
  }
  renameSync(partPath, path);
  return path;
}

function writeModel(file: number, shape: ModelShape, tokenizerModel: string): void {
  const tensors = listTensors(shape);
  const metadata = describeModel(shape, tokenizerModel);
  const header = metadata.finish(tensors.length);
  const places = Buffer.concat(describeTensors(tensors));
  writeAligned(file, Buffer.concat([header, places]));
  const random = createRandom(seed);
  for (const tensor of tensors) writeAligned(file, buildWeights(tensor, random));
}

function describeModel(shape: ModelShape, tokenizerModel: string): GgufMetadataWriter {
  const metadata = new GgufMetadataWriter();
  metadata.addText("general.architecture", "llama");
  metadata.addText("general.name", shape.name);
  metadata.addUint32("general.file_type", 7);
  metadata.addUint32("general.alignment", alignment);
  metadata.addUint32("llama.context_length", shape.contextLength);
  metadata.addUint32("llama.embedding_length", shape.width);
  metadata.addUint32("llama.block_count", shape.layers);
  metadata.addUint32("llama.feed_forward_length", shape.feedForwardWidth);
  metadata.addUint32("llama.attention.head_count", shape.heads);
  metadata.addUint32("llama.attention.head_count_kv", shape.heads);
  metadata.addUint32("llama.rope.dimension_count", shape.width / shape.heads);
  metadata.addUint32("llama.vocab_size", shape.vocabularySize);
  metadata.addFloat32("llama.attention.layer_norm_rms_epsilon", 1e-5);
  copyTokenizer(metadata, readFileSync(tokenizerModel), shape.vocabularySize);
  return metadata;
}

function listTensors(shape: ModelShape): readonly Tensor[] {
  const { width, feedForwardWidth, vocabularySize } = shape;
  const matrix = (name: string, columns: number, rows: number): Tensor => ({
    name: `${name}.weight`,
    dimensions: [columns, rows],
    isNorm: false,
  });
  const norm = (name: string): Tensor => ({
    name: `${name}.weight`,
    dimensions: [width],
    isNorm: true,
  });
  const blocks = Array.from({ length: shape.layers }, (_, index) => [
    norm(`blk.${index}.attn_norm`),
    ...["attn_q", "attn_k", "attn_v", "attn_output"].map((name) =>
      matrix(`blk.${index}.${name}`, width, width),
    ),
    norm(`blk.${index}.ffn_norm`),
    matrix(`blk.${index}.ffn_gate`, width, feedForwardWidth),
    matrix(`blk.${index}.ffn_up`, width, feedForwardWidth),
    matrix(`blk.${index}.ffn_down`, feedForwardWidth, width),
  ]);
  const words = matrix("token_embd", width, vocabularySize);
  const output = shape.isTied ? [] : [matrix("output", width, vocabularySize)];
  return [words, ...blocks.flat(), norm("output_norm"), ...output];
}

function countElements(tensor: Tensor): number {
  return tensor.dimensions.reduce((product, dimension) => product * dimension, 1);
}

function countBytes(tensor: Tensor): number {
  const elements = countElements(tensor);
  return tensor.isNorm ? 4 * elements : (elements / blockElements) * blockBytes;
}

function describeTensors(tensors: readonly Tensor[]): Buffer[] {
  let offset = 0;
  return tensors.map((tensor) => {
    const name = Buffer.from(tensor.name);
    const place = Buffer.alloc(8 + name.length + 4 + 8 * tensor.dimensions.length + 12);
    let at = place.writeBigUInt64LE(BigInt(name.length), 0);
    at += name.copy(place, at);
    at = place.writeUInt32LE(tensor.dimensions.length, at);
    for (const dimension of tensor.dimensions) at = place.writeBigUInt64LE(BigInt(dimension), at);
    at = place.writeUInt32LE(tensor.isNorm ? f32 : q8, at);
    place.writeBigUInt64LE(BigInt(offset), at);
    offset += align(countBytes(tensor));
    return place;
  });
}

function buildWeights(tensor: Tensor, random: () => number): Buffer {
  const elements = countElements(tensor);
  if (tensor.isNorm) return Buffer.from(new Float32Array(elements).fill(1).buffer);
  const weights = Buffer.alloc(countBytes(tensor));
  for (let block = 0; block < weights.length; block += blockBytes) {
    weights.writeUInt16LE(blockScale, block);
    for (let at = block + 2; at < block + blockBytes; at += 4) weights.writeInt32LE(random(), at);
  }
  // The end tokens' rows are zero, so greedy generation never ends by itself.
  const rowBytes = ((tensor.dimensions[0] ?? 0) / blockElements) * blockBytes;
  if (outputNames.has(tensor.name)) weights.fill(0, 0, controlTokens * rowBytes);
  return weights;
}

// Numbers of 32 random bits (xorshift).
function createRandom(firstState: number): () => number {
  let state = firstState | 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}

function writeAligned(file: number, bytes: Buffer): void {
  writeSync(file, bytes);
  writeSync(file, Buffer.alloc(align(bytes.length) - bytes.length));
}

function align(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}
