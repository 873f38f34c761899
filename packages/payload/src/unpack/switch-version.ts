import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { syncFolder } from "./place-version.ts";
import { UnpackFailure } from "./unpack-failure.ts";
import type { UnpackFile } from "./unpack-protocol.ts";

const step = "putting the new version into use";

/** The name of the version in use; undefined when there is none. Throws when `current` is no link. */
export function findCurrent(installPath: string): string | undefined {
  const link = readLink(join(installPath, "current"));
  return link === undefined ? undefined : basename(link);
}

/** The launchers of a version: `bin/rbee-hive` and so on. */
export function listLaunchers(files: readonly UnpackFile[]): string[] {
  return files.map(({ path }) => path).filter((path) => /^bin\/[^/]+$/.test(path));
}

/** Refuses when a name that a launcher needs is taken by something that is not ours. */
export function requireFreeNames(installPath: string, launchers: readonly string[]): void {
  findCurrent(installPath);
  for (const launcher of launchers) readLink(join(installPath, launcher));
}

/** Puts a version into use in one step; undefined takes the last one out of use. */
export function switchTo(installPath: string, name: string | undefined, staging: string): void {
  const current = join(installPath, "current");
  if (name === undefined) rmSync(current, { force: true });
  else putLink(`versions/${name}`, current, staging);
  syncFolder(installPath);
}

/** Makes `bin/<program>` lead to whatever version is in use. */
export function linkLaunchers(
  installPath: string,
  launchers: readonly string[],
  staging: string,
): void {
  mkdirSync(join(installPath, "bin"), { recursive: true });
  for (const launcher of launchers) {
    const target = `../current/${launcher}`;
    const link = join(installPath, launcher);
    if (readLink(link) !== target) putLink(target, link, staging);
  }
  syncFolder(join(installPath, "bin"));
}

// A link is never changed, only replaced: there is no moment without one.
function putLink(target: string, link: string, staging: string): void {
  const made = join(staging, "link");
  rmSync(made, { force: true });
  symlinkSync(target, made);
  renameSync(made, link);
}

function readLink(path: string): string | undefined {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (status.isSymbolicLink()) return readlinkSync(path);
  throw new UnpackFailure({
    kind: "other",
    step,
    reason: `${path} is in the way: it is not a link that rbee made. Move it away.`,
  });
}
