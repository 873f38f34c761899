import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { localNodeName, RbeeError } from "@rbee/contract";
import { unitMark } from "./unit-input.ts";
import type { ServiceUnit } from "./unit-input.ts";

/** Throws INSTALL_FAILED when a file is there that `install` did not write. */
export function requireOwnUnits({ files }: ServiceUnit): void {
  const foreign = files.map(({ path }) => path).filter((path) => existsSync(path) && !isOurs(path));
  if (foreign.length === 0) return;
  const reason = `${foreign.join(", ")}: not written by rbee-keeper install. Move it away, then run this again.`;
  const details = { node: localNodeName, step: "writing the service", reason, last_lines: [] };
  throw new RbeeError("INSTALL_FAILED", details);
}

export function writeUnit({ files }: ServiceUnit): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(path), { recursive: true });
    const partial = `${path}.partial-${process.pid}`;
    writeFileSync(partial, text, { mode: 0o644 });
    renameSync(partial, path);
  }
}

/** Removes what `writeUnit` wrote and the links to it; returns the files that are gone. */
export function removeUnit({ files, enabledLinks }: ServiceUnit): readonly string[] {
  const ours = files.map(({ path }) => path).filter((path) => existsSync(path) && isOurs(path));
  if (ours.length === 0) return [];
  for (const link of enabledLinks) {
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(link);
  }
  for (const path of ours) rmSync(path);
  return ours;
}

function isOurs(path: string): boolean {
  return readFileSync(path, "utf8").includes(unitMark);
}
