import { readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { PayloadFile } from "./payload.ts";

const FileList = z.array(
  z.object({ path: z.string(), sizeBytes: z.int(), mode: z.int(), sha256: z.string() }),
);

const keptOfEachKind = 3;

/** The files of a payload that is in the cache; undefined when it is not, or not whole. */
export async function findPayloadFolder(root: string): Promise<readonly PayloadFile[] | undefined> {
  try {
    const files = FileList.parse(JSON.parse(await readFile(listFile(root), "utf8")));
    await Promise.all(files.map((file) => requireFile(root, file)));
    const now = new Date();
    await utimes(listFile(root), now, now);
    return files;
  } catch {
    return undefined;
  }
}

async function requireFile(root: string, { path, sizeBytes }: PayloadFile): Promise<void> {
  const { size } = await stat(join(root, path));
  if (size !== sizeBytes) throw new Error(`${path} has ${size} bytes instead of ${sizeBytes}`);
}

export async function writeFileList(root: string, files: readonly PayloadFile[]): Promise<void> {
  const partial = `${listFile(root)}.partial-${process.pid}`;
  await writeFile(partial, JSON.stringify(files));
  await rename(partial, listFile(root));
}

/** Keeps the payloads that were used last among those with `kind` in their names. */
export async function prunePayloads(folder: string, kind: string, used: string): Promise<void> {
  const lists = (await readdir(folder)).filter(
    (name) => name.includes(kind) && name.endsWith(".json") && name !== `${used}.json`,
  );
  const dated = await Promise.all(
    lists.map(async (name) => ({ name, usedAt: await usedAt(join(folder, name)) })),
  );
  const old = dated.toSorted((left, right) => right.usedAt - left.usedAt).slice(keptOfEachKind - 1);
  for (const { name } of old) {
    await rm(join(folder, name), { force: true });
    await rm(join(folder, name.slice(0, -".json".length)), { recursive: true, force: true });
  }
}

// Another process may have removed it meanwhile.
async function usedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

function listFile(root: string): string {
  return `${root}.json`;
}
