import { open } from "node:fs/promises";
import { basename } from "node:path";
import { countTensorBytes } from "./ggml-block-sizes.ts";
import { invalidModelFile } from "./invalid-model-file.ts";

export type GgufMetadata = Readonly<Record<string, unknown>>;

export interface GgufTensorPlace {
  readonly name: string;
  /** The length of a row first. */
  readonly shape: readonly number[];
  readonly type: number;
  /** From the start of the tensor data. */
  readonly offset: number;
}

/** The header of one GGUF file: all metadata, and where its tensors are. */
export interface GgufHeader {
  readonly metadata: GgufMetadata;
  readonly tensors: readonly GgufTensorPlace[];
  readonly parameters: number;
}

interface GgufFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** The model's reference, for the error. */
  readonly reference: string;
}

const headBytes = 24;
const valueBytesMin = 13;
const tensorBytesMin = 32;

/**
 * Reads a header and checks that the file holds every tensor it announces. Throws
 * INVALID_MODEL_FILE with what is wrong and where. A vocabulary of 150,000 words takes 0.7 s, all
 * of it in the library, so the facts are kept in the catalogue.
 */
export async function readGguf(file: GgufFile): Promise<GgufHeader> {
  await requireGguf(file);
  // Imported when the first file is read: it is never needed for models that are known.
  const { gguf } = await import("@huggingface/gguf");
  const found = await gguf(file.path, { allowLocalFile: true }).catch((cause: unknown) => {
    throw refuse(file, `its header is damaged: ${String(cause)}`, cause);
  });
  const [, headerEnd] = found.tensorInfoByteRange;
  // The library reads zeros beyond the end of a file.
  if (headerEnd > file.sizeBytes) {
    throw refuse(
      file,
      `it is truncated: the header needs ${headerEnd} bytes, the file has ${file.sizeBytes}`,
    );
  }
  if (!found.littleEndian) throw refuse(file, "its numbers are big-endian");
  const tensors = found.tensorInfos.map(({ name, shape, dtype, offset }) => ({
    name,
    shape: shape.map(Number),
    type: dtype as number,
    offset: Number(offset),
  }));
  requireTensors(file, tensors, Number(found.tensorDataOffset));
  return {
    metadata: found.metadata as unknown as GgufMetadata,
    tensors,
    parameters: tensors.reduce((total, { shape }) => total + countElements(shape), 0),
  };
}

async function requireGguf(file: GgufFile): Promise<void> {
  if (!/\.gguf$/i.test(file.path)) throw refuse(file, "its name does not end in .gguf");
  const head = await readHead(file);
  const magic = head.toString("latin1", 0, 4);
  if (magic !== "GGUF") {
    throw refuse(file, `it is no GGUF file: it begins with ${JSON.stringify(magic)}`);
  }
  if (head.length < headBytes) {
    throw refuse(file, `it is truncated: it has only ${file.sizeBytes} bytes`);
  }
  const version = head.readUInt32LE(4);
  if (version < 2 || version > 3) {
    throw refuse(file, `it is GGUF version ${version}; versions 2 and 3 can be loaded`);
  }
  // Before a damaged count makes the library read for minutes.
  const tensorCount = Number(head.readBigUInt64LE(8));
  const valueCount = Number(head.readBigUInt64LE(16));
  const bytesMin = headBytes + tensorCount * tensorBytesMin + valueCount * valueBytesMin;
  if (bytesMin > file.sizeBytes) {
    throw refuse(
      file,
      `it is truncated or damaged: it announces ${tensorCount} tensors and ${valueCount} values ` +
        `in ${file.sizeBytes} bytes`,
    );
  }
}

async function readHead(file: GgufFile): Promise<Buffer> {
  try {
    const handle = await open(file.path, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw refuse(file, `it cannot be read (${code})`, error);
  }
}

function requireTensors(
  file: GgufFile,
  tensors: readonly GgufTensorPlace[],
  dataStart: number,
): void {
  for (const { name, shape, type, offset } of tensors) {
    const end = dataStart + offset + (countTensorBytes(type, shape) ?? 0);
    if (end > file.sizeBytes) {
      throw refuse(
        file,
        `it is truncated: tensor ${name} ends at byte ${end}, the file at ${file.sizeBytes}`,
      );
    }
  }
}

function countElements(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

function refuse(file: GgufFile, problem: string, cause?: unknown) {
  return invalidModelFile(file.reference, `${basename(file.path)}: ${problem}.`, cause);
}
