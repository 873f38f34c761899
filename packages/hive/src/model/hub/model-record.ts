import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";

const RecordedFile = z.object({
  path: z.string(),
  size_bytes: z.int(),
  /** What the hub says, or what was computed where it says nothing. */
  sha256: z.string().nullable(),
  /** Of the answer that brought it, for a file without digest. */
  etag: z.string().nullable(),
  /** When the file that was checked was written; null until it is whole. */
  modified_at_ms: z.int().nullable(),
});

const ModelRecord = z.object({
  /** References that this model was asked for with. */
  references: z.array(z.string()),
  repository: z.string(),
  commit: z.string(),
  variant: z.string().nullable(),
  files: z.array(RecordedFile).min(1),
});
export type ModelRecord = z.infer<typeof ModelRecord>;
export type RecordedFile = z.infer<typeof RecordedFile>;

const ending = ".hub.json";

/**
 * What a file of the hub is, in a small file beside it (beside the first of a split model). It
 * tells a later run whether a part may be continued, and a new catalogue what is on disk.
 */
export function recordPath(modelPath: string): string {
  return `${modelPath}${ending}`;
}

/** Undefined when there is none, or none that can be read. */
export async function readRecord(modelPath: string): Promise<ModelRecord | undefined> {
  try {
    const text = await readFile(recordPath(modelPath), "utf8");
    return ModelRecord.safeParse(JSON.parse(text)).data;
  } catch {
    // Without it a file is one of the person's own, and a part of one is fetched anew.
    return undefined;
  }
}

export async function writeRecord(modelPath: string, record: ModelRecord): Promise<void> {
  const path = recordPath(modelPath);
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.new`;
  await writeFile(fresh, `${JSON.stringify(record, undefined, 2)}\n`, { flush: true });
  await rename(fresh, path);
}

export async function deleteRecord(modelPath: string): Promise<void> {
  await rm(recordPath(modelPath), { force: true });
}

/** True when all files are there as they were when they were checked. */
export async function isWhole(modelsFolder: string, record: ModelRecord): Promise<boolean> {
  for (const file of record.files) {
    const status = await stat(localPath(modelsFolder, record.repository, file.path)).catch(
      () => undefined,
    );
    const isSame =
      status?.isFile() === true &&
      status.size === file.size_bytes &&
      Math.trunc(status.mtimeMs) === file.modified_at_ms;
    if (!isSame) return false;
  }
  return true;
}

/** Where a file of a repository lies on this machine. */
export function localPath(modelsFolder: string, repository: string, path: string): string {
  return join(modelsFolder, repository, path);
}
