import { existsSync, readdirSync, readlinkSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { listFolder, readManifest } from "./find-present.ts";
import { manifestFileName } from "./unpack-protocol.ts";

/**
 * Removes the versions that nobody needs any more, and says which. Folders without a manifest of
 * ours stay, and versions from which a process still runs.
 */
export function pruneVersions(versions: string, keep: readonly string[]): string[] {
  const running = listExecutables();
  return listFolder(versions).filter((name) => {
    const folder = join(versions, name);
    if (keep.includes(name) || !existsSync(join(folder, manifestFileName))) return false;
    if (running.some((path) => path.startsWith(`${folder}/`))) return false;
    removeVersion(folder);
    return true;
  });
}

// Only what the manifest names, and what our programs keep beside it.
function removeVersion(folder: string): void {
  const files = readManifest(folder).map(([, path]) => path);
  for (const path of files) rmSync(join(folder, path), { force: true });
  rmSync(join(folder, ".cache"), { recursive: true, force: true });
  rmSync(join(folder, manifestFileName), { force: true });
  const parents = new Set(files.flatMap(listParents));
  // The deepest first.
  for (const path of [...parents].sort((one, other) => other.length - one.length)) {
    removeEmpty(join(folder, path));
  }
  removeEmpty(folder);
}

function listParents(path: string): string[] {
  const parent = dirname(path);
  return parent === "." ? [] : [parent, ...listParents(parent)];
}

function removeEmpty(folder: string): void {
  try {
    if (readdirSync(folder).length === 0) rmdirSync(folder);
  } catch {
    // Somebody else put something there, or took it away: theirs.
  }
}

// On other systems than Linux a program that runs keeps its files in memory only in part: they stay
// in use there for as long as they are the version before, which is kept.
function listExecutables(): string[] {
  return listFolder("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readlinkSync(`/proc/${pid}/exe`)];
      } catch {
        return [];
      }
    });
}
