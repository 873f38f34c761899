import { readdir, rm, rmdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { deleteRecord, localPath, readRecord, recordPath, writeRecord } from "./model-record.ts";
import { partialPath } from "./partial-file.ts";

interface HubModelOnDisk {
  readonly path: string;
  readonly reference: string;
  /** Another row of the catalogue has the same files. */
  readonly isShared: boolean;
}

/** Deletes a model's files, or only its name while another one is left. Returns the bytes. */
export async function deleteHubModel(
  modelsFolder: string,
  { path, reference, isShared }: HubModelOnDisk,
): Promise<number> {
  const record = await readRecord(path);
  if (isShared) {
    if (record === undefined) return 0;
    const references = record.references.filter((other) => other !== reference);
    await writeRecord(path, { ...record, references });
    return 0;
  }
  const paths = record?.files.map((file) =>
    localPath(modelsFolder, record.repository, file.path),
  ) ?? [path];
  let freedBytes = 0;
  for (const file of paths.flatMap((one) => [one, partialPath(one)])) {
    const size = (await stat(file).catch(() => undefined))?.size;
    if (size === undefined) continue;
    await rm(file);
    freedBytes += size;
  }
  await deleteRecord(path);
  for (const file of [...paths, recordPath(path)]) await removeEmptyFolders(modelsFolder, file);
  return freedBytes;
}

async function removeEmptyFolders(modelsFolder: string, file: string): Promise<void> {
  for (
    let folder = dirname(file);
    folder.startsWith(`${modelsFolder}/`);
    folder = dirname(folder)
  ) {
    const names = await readdir(folder).catch(() => undefined);
    if (names === undefined) continue;
    if (names.length > 0) return;
    await rmdir(folder);
  }
}
