import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FetchInput } from "./fetch-part.ts";
import type { PackagePart } from "./payload-parts.ts";
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

function findOwnPackage(root: string, part: PackagePart): string | undefined {
  const candidates = [join(root, "runtime")];
  for (let folder = root; ; folder = dirname(folder)) {
    candidates.push(join(folder, "node_modules", part.name));
    if (dirname(folder) === folder) break;
  }
  return candidates.find((candidate) => isPackage(candidate, part));
}

function isPackage(folder: string, { name, version }: PackagePart): boolean {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return false;
  const found = JSON.parse(readFileSync(file, "utf8")) as { name?: unknown; version?: unknown };
  return found.name === name && found.version === version;
}
