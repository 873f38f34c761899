import { glob } from "node:fs/promises";
import { join } from "node:path";
import { isWhole, localPath, readRecord } from "./model-record.ts";
import type { ModelRecord } from "./model-record.ts";

export interface LocalModel {
  /** The first file, which is what the engine is given. */
  readonly path: string;
  readonly record: ModelRecord;
}

/** Whole models of the hub that lie on this machine; of one repository, or of all. */
export async function findLocalModels(
  modelsFolder: string,
  repository?: string,
): Promise<readonly LocalModel[]> {
  const found: LocalModel[] = [];
  const folder = repository === undefined ? modelsFolder : join(modelsFolder, repository);
  for await (const name of glob("**/*.hub.json", { cwd: folder })) {
    const path = join(folder, name.replace(/\.hub\.json$/, ""));
    const record = await readRecord(path);
    const [first] = record?.files ?? [];
    if (record === undefined || first === undefined) continue;
    // A record that was carried elsewhere with its file says nothing of that place.
    if (localPath(modelsFolder, record.repository, first.path) !== path) continue;
    if (await isWhole(modelsFolder, record)) found.push({ path, record });
  }
  return found;
}
