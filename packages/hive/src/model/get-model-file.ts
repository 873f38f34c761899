import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { RbeeError } from "@rbee/contract";
import { invalidModelFile } from "./invalid-model-file.ts";

interface ModelPart {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** The files of one model as they are on disk now. */
export interface ModelFile {
  /** The first part, which is what the engine is given. */
  readonly localPath: string;
  readonly parts: readonly ModelPart[];
  /** Of all parts together. */
  readonly sizeBytes: number;
  /** Of the part that was changed last. */
  readonly modifiedAtMs: number;
}

const splitName = /^(?<stem>.*)-(?<part>\d{5})-of-(?<total>\d{5})(?<ending>\.gguf)$/i;

/**
 * A model's files: one, or all parts of a split model whichever of them was named. Throws
 * MODEL_NOT_FOUND, or INVALID_MODEL_FILE when a part is missing.
 */
export async function getModelFile(path: string, reference: string): Promise<ModelFile> {
  const { stem, total, ending } = splitName.exec(basename(path))?.groups ?? {};
  const named = await findPart(path, reference);
  if (named === undefined) throw await notFound(path, reference);
  if (stem === undefined || total === undefined || ending === undefined)
    return joinParts(named, []);
  const folder = dirname(path);
  const names = Array.from({ length: Number(total) }, (_, index) => {
    const number = String(index + 1).padStart(total.length, "0");
    return `${stem}-${number}-of-${total}${ending}`;
  });
  const found = await Promise.all(names.map((name) => findPart(join(folder, name), reference)));
  const missing = names.find((_, index) => found[index] === undefined);
  if (missing !== undefined) {
    throw invalidModelFile(reference, `a part of ${names.length} is missing: ${missing}.`);
  }
  const [first = named, ...others] = found.filter((part) => part !== undefined);
  return joinParts(first, others);
}

function joinParts(first: ModelPart, others: readonly ModelPart[]): ModelFile {
  const parts = [first, ...others];
  return {
    localPath: first.path,
    parts,
    sizeBytes: parts.reduce((total, part) => total + part.sizeBytes, 0),
    modifiedAtMs: Math.max(...parts.map((part) => part.modifiedAtMs)),
  };
}

async function findPart(path: string, reference: string): Promise<ModelPart | undefined> {
  try {
    const status = await stat(path);
    if (!status.isFile()) throw invalidModelFile(reference, `${basename(path)} is not a file.`);
    return { path, sizeBytes: status.size, modifiedAtMs: Math.trunc(status.mtimeMs) };
  } catch (error) {
    if (RbeeError.is(error)) throw error;
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw invalidModelFile(reference, `${basename(path)} cannot be read (${code}).`, error);
  }
}

const candidatesMax = 10;

// What lies beside the missing file is what was meant, more often than not.
async function notFound(path: string, reference: string): Promise<RbeeError<"MODEL_NOT_FOUND">> {
  const names = await readdir(dirname(path)).catch(() => []);
  const candidates = names.filter((name) => /\.gguf$/i.test(name)).slice(0, candidatesMax);
  return new RbeeError("MODEL_NOT_FOUND", { model: reference, candidates });
}
