import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PackagePart } from "./payload-parts.ts";

/** The folder of a package that the copy of rbee at `root` uses itself, in exactly this version. */
export function findOwnPackage(root: string, part: PackagePart): string | undefined {
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
