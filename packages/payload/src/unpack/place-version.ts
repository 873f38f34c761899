import {
  chmodSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { hasContent } from "./hash-file.ts";
import { manifestFileName } from "./unpack-protocol.ts";
import type { UnpackFile } from "./unpack-protocol.ts";

/** The text of a version's manifest. */
export function formatManifest(files: readonly UnpackFile[]): string {
  return files.map(({ sha256, path }) => `${sha256}  ${path}\n`).join("");
}

/** True when a folder is this version, with nothing missing or changed. */
export function isPlaced(folder: string, files: readonly UnpackFile[]): boolean {
  const manifest = join(folder, manifestFileName);
  if (!existsSync(manifest) || readFileSync(manifest, "utf8") !== formatManifest(files)) {
    return false;
  }
  return files.every(({ path, sizeBytes, mode, sha256 }) => {
    const status = statSync(join(folder, path), { throwIfNoEntry: false });
    const hasMode = status !== undefined && (status.mode & 0o777) === mode;
    return hasMode && hasContent(join(folder, path), sizeBytes, sha256);
  });
}

interface PlaceInput {
  readonly files: readonly UnpackFile[];
  readonly sources: ReadonlyMap<string, string>;
  readonly staging: string;
  readonly folder: string;
}

/** Makes a folder of the files; contents are shared with where they are, not copied. */
export function placeFiles({ files, sources, staging, folder }: PlaceInput): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const folders = new Set([folder]);
  for (const { path, mode, sha256 } of files) {
    const target = join(folder, path);
    const parent = dirname(target);
    if (!folders.has(parent)) addFolders(folders, folder, parent);
    const source = sources.get(sha256);
    if (source === undefined) throw new Error(`no content for ${path}`);
    // What came for this version alone gets the mode that it has here.
    const isReceived = source.startsWith(`${staging}/`) && statSync(source).nlink === 1;
    if (isReceived) chmodSync(source, mode);
    shareFile(source, target, mode);
  }
  writeSynced(join(folder, manifestFileName), formatManifest(files));
  for (const path of folders) syncFolder(path);
}

function addFolders(folders: Set<string>, root: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (let path = folder; path !== root; path = dirname(path)) folders.add(path);
}

// A mode belongs to the content, not to the name: another mode needs another copy.
function shareFile(source: string, target: string, mode: number): void {
  if ((statSync(source).mode & 0o777) === mode && isLinked(source, target)) return;
  copyFileSync(source, target);
  chmodSync(target, mode);
  const descriptor = openSync(target, "r+");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

// Some file systems know no second name for a file.
function isLinked(source: string, target: string): boolean {
  try {
    linkSync(source, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    return false;
  }
}

function writeSynced(path: string, text: string): void {
  const descriptor = openSync(path, "w", 0o644);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Names are as lasting as contents only after this. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Puts a made folder in its place; a damaged one that stands there goes. */
export function moveInto(made: string, place: string, aside: string): void {
  rmSync(aside, { recursive: true, force: true });
  if (existsSync(place)) renameSync(place, aside);
  renameSync(made, place);
  syncFolder(dirname(place));
  rmSync(aside, { recursive: true, force: true });
}
