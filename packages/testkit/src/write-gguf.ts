// Writes GGUF files for tests and the bench: any metadata, tensors of zeros, ones or seeded random
// weights. The same description gives the same bytes. Format: github.com/ggml-org/ggml docs/gguf.md.
import { closeSync, ftruncateSync, openSync, renameSync, writeSync } from "node:fs";
import { countTensorBytes, encodeHalf, ggmlBlocks } from "./ggml-blocks.ts";
import type { GgmlTypeName } from "./ggml-blocks.ts";

const valueTypes = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
} as const;

/** Whole numbers become uint32; name the type where another one is meant. */
export type GgufValue =
  | string
  | boolean
  | number
  | { readonly type: "uint16" | "int32" | "float32"; readonly value: number }
  | readonly string[]
  | Int32Array
  | Float32Array;

export interface GgufTensor {
  readonly name: string;
  /** The length of a row first, as GGUF has it. */
  readonly dimensions: readonly number[];
  readonly type: GgmlTypeName;
  /** Zeros take no room on disk. */
  readonly fill: "random" | "ones" | "zeros";
  /** Rows at the start that stay zero, such as those of tokens that shall never be chosen. */
  readonly zeroRows?: number;
}

export interface GgufDescription {
  readonly metadata: Readonly<Record<string, GgufValue>>;
  readonly tensors: readonly GgufTensor[];
  readonly seed?: number;
}

const alignment = 32;
const chunkBytes = 4 * 1024 * 1024;
const seedDefault = 0x9e3779b9;

/** Writes the file, complete or not at all, and returns its size in bytes. */
export function writeGguf(path: string, description: GgufDescription): number {
  const header = encodeHeader(description);
  const fillRandom = createRandomFill(description.seed ?? seedDefault);
  const part = `${path}.part`;
  const file = openSync(part, "w");
  let offset = 0;
  try {
    writeSync(file, header, 0, header.length, offset);
    offset = align(header.length);
    for (const tensor of description.tensors) {
      if (tensor.fill !== "zeros") writeTensor(file, offset, { tensor, fillRandom });
      offset += align(countTensorBytes(tensor.type, tensor.dimensions));
    }
    ftruncateSync(file, offset);
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
  return offset;
}

function encodeHeader({ metadata, tensors }: GgufDescription): Buffer {
  const entries = Object.entries(metadata);
  const head = Buffer.alloc(24);
  head.write("GGUF", 0, "latin1");
  head.writeUInt32LE(3, 4);
  head.writeBigUInt64LE(BigInt(tensors.length), 8);
  head.writeBigUInt64LE(BigInt(entries.length), 16);
  const values = entries.flatMap(([key, value]) => [encodeText(key), ...encodeValue(value)]);
  return Buffer.concat([head, ...values, ...describeTensors(tensors)]);
}

function describeTensors(tensors: readonly GgufTensor[]): Buffer[] {
  let offset = 0;
  return tensors.flatMap(({ name, dimensions, type }) => {
    const place = Buffer.alloc(4 + 8 * dimensions.length + 12);
    let at = place.writeUInt32LE(dimensions.length, 0);
    for (const dimension of dimensions) at = place.writeBigUInt64LE(BigInt(dimension), at);
    at = place.writeUInt32LE(ggmlBlocks[type].code, at);
    place.writeBigUInt64LE(BigInt(offset), at);
    offset += align(countTensorBytes(type, dimensions));
    return [encodeText(name), place];
  });
}

function encodeValue(value: GgufValue): Buffer[] {
  if (typeof value === "string") return [encodeUint32(valueTypes.string), encodeText(value)];
  if (typeof value === "boolean") {
    return [encodeUint32(valueTypes.bool), Buffer.from([value ? 1 : 0])];
  }
  if (typeof value === "number") return [encodeUint32(valueTypes.uint32), encodeUint32(value)];
  if (value instanceof Int32Array) return encodeNumbers(value, "int32");
  if (value instanceof Float32Array) return encodeNumbers(value, "float32");
  if ("type" in value) return [encodeUint32(valueTypes[value.type]), encodeScalar(value)];
  return [...encodeArrayHead("string", value.length), ...value.map((text) => encodeText(text))];
}

function encodeNumbers(numbers: Int32Array | Float32Array, type: "int32" | "float32"): Buffer[] {
  return [
    ...encodeArrayHead(type, numbers.length),
    Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength),
  ];
}

function encodeArrayHead(itemType: keyof typeof valueTypes, length: number): Buffer[] {
  return [encodeUint32(valueTypes.array), encodeUint32(valueTypes[itemType]), encodeUint64(length)];
}

function encodeScalar({ type, value }: { readonly type: string; readonly value: number }): Buffer {
  const bytes = Buffer.alloc(type === "uint16" ? 2 : 4);
  if (type === "uint16") bytes.writeUInt16LE(value);
  else if (type === "int32") bytes.writeInt32LE(value);
  else bytes.writeFloatLE(value);
  return bytes;
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([encodeUint64(bytes.length), bytes]);
}

function encodeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function encodeUint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

interface TensorWriting {
  readonly tensor: GgufTensor;
  readonly fillRandom: (words: Uint32Array) => void;
}

// In chunks of whole blocks, so that a model of gigabytes needs a few megabytes of memory.
function writeTensor(file: number, start: number, { tensor, fillRandom }: TensorWriting): void {
  const { type, dimensions, zeroRows = 0 } = tensor;
  const total = countTensorBytes(type, dimensions);
  const zeroBytes = zeroRows * countTensorBytes(type, [dimensions[0] ?? 0]);
  const blockBytes = ggmlBlocks[type].bytes;
  const step = Math.max(4, Math.floor(chunkBytes / blockBytes / 4) * 4) * blockBytes;
  for (let done = zeroBytes; done < total; done += step) {
    const words = new Uint32Array(Math.ceil(Math.min(step, total - done) / 4));
    const bytes = Buffer.from(words.buffer, 0, Math.min(step, total - done));
    if (tensor.fill === "ones") fillOnes(bytes, type);
    else {
      fillRandom(words);
      shapeBlocks(bytes, type);
    }
    writeSync(file, bytes, 0, bytes.length, start + done);
  }
}

function fillOnes(bytes: Buffer, type: GgmlTypeName): void {
  if (type !== "F32") throw new Error(`ones are written as F32, not as ${type}`);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeFloatLE(1, at);
}

function shapeBlocks(bytes: Buffer, type: GgmlTypeName): void {
  if (type === "F16") {
    // Random sign and fraction, the exponent of 2^-6: about what trained weights have.
    for (let at = 1; at < bytes.length; at += 2) bytes[at] = ((bytes[at] ?? 0) & 0x83) | 0x24;
    return;
  }
  if (type === "F32") {
    for (let at = 0; at < bytes.length; at += 4) {
      bytes.writeFloatLE((bytes.readInt32LE(at) / 2 ** 31) * 0.03, at);
    }
    return;
  }
  const { bytes: blockBytes, scales } = ggmlBlocks[type];
  for (const [offset, value] of scales) {
    const half = encodeHalf(value);
    for (let at = offset; at < bytes.length; at += blockBytes) bytes.writeUInt16LE(half, at);
  }
}

// xorshift32
function createRandomFill(seed: number): (words: Uint32Array) => void {
  let state = seed;
  return (words) => {
    for (let index = 0; index < words.length; index += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[index] = state;
    }
  };
}

function align(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}
