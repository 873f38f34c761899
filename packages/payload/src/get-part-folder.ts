import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { FetchInput } from "./fetch-part.ts";
import { findOwnPackage } from "./find-own-package.ts";
import { withLock } from "./with-lock.ts";

interface PartInput extends Omit<FetchInput, "folder"> {
  /** Where the running copy of rbee is. */
  readonly root: string;
  readonly cacheFolder: string;
  readonly isWanted: (path: string) => boolean;
}

/**
 * A folder with what is wanted of a package: the one that the running copy uses itself, the one in
 * the cache, or one that is fetched now.
 */
export async function getPartFolder(input: PartInput): Promise<string> {
  const { part, root, cacheFolder, isWanted, signal } = input;
  const own = findOwnPackage(root, part);
  if (own !== undefined) return own;
  const packages = join(cacheFolder, "packages");
  const folder = join(packages, `${part.name.replace("/", "+")}-${part.version}`);
  if (existsSync(folder)) return folder;
  await withLock(folder, signal, async () => {
    if (existsSync(folder)) return;
    const { fetchPart } = await import("./fetch-part.ts");
    const { unpackPart } = await import("./unpack-part.ts");
    const file = await fetchPart({ ...input, folder: packages });
    await unpackPart(file, folder, isWanted);
    await rm(file, { force: true });
  });
  return folder;
}
