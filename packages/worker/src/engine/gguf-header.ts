// Reads the header of a GGUF file: enough to say what a model is, and precisely what is wrong with
// a file that is none, before llama.cpp sees it. Reading is synchronous: a vocabulary of 150,000 words
// takes some 20 ms this way and three times as long with a promise for each. The format: github.com/ggml-org/ggml docs/gguf.md.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { EngineError } from "../engine.ts";
import { countTensorBytes } from "./ggml-types.ts";

export interface GgufHeader {
  /** Numbers, texts and booleans by key; arrays are left out. */
  readonly values: ReadonlyMap<string, GgufValue>;
  readonly tensorCount: number;
  /** End of the last tensor, or undefined when a tensor has a type that is not known here. */
  readonly endOffset: number | undefined;
}

export type GgufValue = number | bigint | string | boolean;

interface TensorPlace {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number | undefined;
}

const chunkBytes = 1 << 20;
const defaultAlignment = 32;
const stringType = 8;
const arrayType = 9;
const scalarSizes: readonly number[] = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
// Far above any real file; a larger number means that these bytes are no GGUF.
const entriesMax = 1 << 20;

/** Reads the header and checks that the file holds all tensors it announces. */
export function readGgufHeader(path: string): GgufHeader {
  const file = openModelFile(path);
  try {
    const { size } = fstatSync(file);
    return parseHeader(new HeaderReader(file, size), size);
  } finally {
    closeSync(file);
  }
}

function openModelFile(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    const message = `The model file cannot be opened (${code}).`;
    throw new EngineError("invalid-model-file", message, { cause });
  }
}

function parseHeader(reader: HeaderReader, fileBytes: number): GgufHeader {
  requireGguf(reader);
  const tensorCount = reader.readCount("number of tensors");
  const valueCount = reader.readCount("number of metadata values");
  const values = new Map<string, GgufValue>();
  for (let index = 0; index < valueCount; index += 1) {
    const key = reader.readString();
    const value = readValue(reader, reader.readUint32());
    if (value !== undefined) values.set(key, value);
  }
  const tensors: TensorPlace[] = [];
  for (let index = 0; index < tensorCount; index += 1) tensors.push(readTensor(reader));
  const alignment = Number(values.get("general.alignment") ?? defaultAlignment);
  const start = Math.ceil(reader.offset / alignment) * alignment;
  const endOffset = findEnd(tensors, start);
  requireWhole(tensors, start, fileBytes);
  return { values, tensorCount, endOffset };
}

function requireGguf(reader: HeaderReader): void {
  const magic = reader.read(4).toString("latin1");
  if (magic !== "GGUF") {
    throw invalid(`not a GGUF file: it begins with ${JSON.stringify(magic)} instead of "GGUF"`);
  }
  const version = reader.readUint32();
  if (version !== 2 && version !== 3) {
    throw invalid(`GGUF version ${version}, but only versions 2 and 3 can be read`);
  }
}

function readValue(reader: HeaderReader, type: number): GgufValue | undefined {
  if (type === stringType) return reader.readString();
  if (type === arrayType) {
    skipArray(reader);
    return undefined;
  }
  return reader.readScalar(type);
}

function skipArray(reader: HeaderReader): void {
  const itemType = reader.readUint32();
  const length = reader.readUint64();
  if (itemType !== stringType && itemType !== arrayType) {
    reader.skip(reader.sizeOf(itemType) * length);
    return;
  }
  for (let index = 0; index < length; index += 1) {
    if (itemType === arrayType) skipArray(reader);
    else reader.skip(reader.readUint64());
  }
}

function readTensor(reader: HeaderReader): TensorPlace {
  const name = reader.readString();
  const dimensionCount = reader.readUint32();
  if (dimensionCount > 4)
    throw invalid(`damaged at tensor "${name}": ${dimensionCount} dimensions`);
  let elements = 1;
  let rowElements = 1;
  for (let index = 0; index < dimensionCount; index += 1) {
    const dimension = reader.readUint64();
    if (index === 0) rowElements = dimension;
    elements *= dimension;
  }
  const type = reader.readUint32();
  const offset = reader.readUint64();
  return { name, offset, bytes: countTensorBytes(type, elements, rowElements) };
}

function findEnd(tensors: readonly TensorPlace[], start: number): number | undefined {
  let end = start;
  for (const { offset, bytes } of tensors) {
    if (bytes === undefined) return undefined;
    end = Math.max(end, start + offset + bytes);
  }
  return end;
}

function requireWhole(tensors: readonly TensorPlace[], start: number, fileBytes: number): void {
  const cut = tensors.find(({ offset, bytes }) => start + offset + (bytes ?? 0) > fileBytes);
  if (cut === undefined) return;
  const end = findEnd(tensors, start) ?? start + cut.offset + (cut.bytes ?? 0);
  throw invalid(
    `truncated: tensor "${cut.name}" ends beyond the file, ` +
      `which has ${fileBytes} bytes instead of at least ${end}`,
  );
}

function invalid(problem: string): EngineError {
  return new EngineError("invalid-model-file", `The model file is ${problem}.`);
}

class HeaderReader {
  readonly #file: number;
  readonly #fileBytes: number;
  #buffer = Buffer.alloc(0);
  #bufferOffset = 0;
  offset = 0;

  constructor(file: number, fileBytes: number) {
    this.#file = file;
    this.#fileBytes = fileBytes;
  }

  read(length: number): Buffer {
    if (this.offset + length > this.#fileBytes) {
      throw invalid(
        `truncated: its header goes on at byte ${this.offset}, ` +
          `but the file has only ${this.#fileBytes} bytes`,
      );
    }
    const start = this.offset - this.#bufferOffset;
    if (start < 0 || start + length > this.#buffer.length) this.#fill(length);
    const from = this.offset - this.#bufferOffset;
    this.offset += length;
    return this.#buffer.subarray(from, from + length);
  }

  skip(length: number): void {
    this.offset += length;
  }

  readUint32(): number {
    return this.read(4).readUInt32LE(0);
  }

  readUint64(): number {
    return Number(this.read(8).readBigUInt64LE(0));
  }

  readCount(what: string): number {
    const at = this.offset;
    const count = this.readUint64();
    if (count > entriesMax) throw invalid(`damaged at byte ${at}: ${what} is ${count}`);
    return count;
  }

  readString(): string {
    const length = this.readUint64();
    return this.read(length).toString("utf8");
  }

  sizeOf(type: number): number {
    const bytes = scalarSizes[type];
    if (bytes === undefined || bytes === 0) {
      throw invalid(`damaged at byte ${this.offset}: ${type} is no GGUF value type`);
    }
    return bytes;
  }

  readScalar(type: number): GgufValue {
    const bytes = this.read(this.sizeOf(type));
    if (type === 7) return bytes[0] !== 0;
    if (type === 6) return bytes.readFloatLE(0);
    if (type === 12) return bytes.readDoubleLE(0);
    if (type === 10) return bytes.readBigUInt64LE(0);
    if (type === 11) return bytes.readBigInt64LE(0);
    return type % 2 === 0 ? bytes.readUIntLE(0, bytes.length) : bytes.readIntLE(0, bytes.length);
  }

  #fill(length: number): void {
    const wanted = Math.min(Math.max(length, chunkBytes), this.#fileBytes - this.offset);
    const buffer = Buffer.alloc(wanted);
    const bytesRead = readSync(this.#file, buffer, 0, wanted, this.offset);
    this.#buffer = buffer.subarray(0, bytesRead);
    this.#bufferOffset = this.offset;
  }
}
