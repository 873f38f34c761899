import { mkdirSync, readlinkSync, realpathSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { findPresent } from "./find-present.ts";
import type { Present } from "./find-present.ts";
import { isPlaced, moveInto, placeFiles } from "./place-version.ts";
import { pruneVersions } from "./prune-versions.ts";
import { receiveFiles } from "./receive-files.ts";
import {
  findCurrent,
  linkLaunchers,
  listLaunchers,
  requireFreeNames,
  switchTo,
} from "./switch-version.ts";
import { tryProgram } from "./try-program.ts";
import { UnpackFailure } from "./unpack-failure.ts";
import { lockName, stagingFolderName } from "./unpack-protocol.ts";
import type { UnpackEvent, UnpackRequest } from "./unpack-protocol.ts";

interface UnpackInput {
  readonly request: UnpackRequest;
  /** The zstd stream of what is wanted. */
  readonly body: AsyncIterable<Buffer>;
  readonly tell: (event: UnpackEvent) => void;
}

/** Makes the version that is asked for the one in use. Throws; then what was in use still is. */
export async function unpackVersion({ request, body, tell }: UnpackInput): Promise<void> {
  const place = placesOf(request);
  requireLock(request);
  requireFreeNames(place.root, place.launchers);
  mkdirSync(place.staging, { recursive: true });
  mkdirSync(place.versions, { recursive: true });
  const isComplete = isPlaced(place.version, request.files);
  if (isComplete) {
    tell({ event: "want", files: [], bytesMissing: 0, bytesFree: freeBytes(place.root) });
  } else {
    await receiveVersion({ request, body, tell }, place);
  }
  tell({ event: "trying" });
  const previous = findCurrent(place.root);
  if (previous !== request.name) switchTo(place.root, request.name, place.staging);
  linkLaunchers(place.root, place.launchers, place.staging);
  const isUnchanged = isComplete && previous === request.name;
  // Who asked for it tries it over SSH as well; that is enough for what ran before.
  if (!isUnchanged) {
    await requireAnswer(place, request, () => {
      if (previous !== request.name) switchTo(place.root, previous, place.staging);
    });
  }
  rmSync(place.staging, { recursive: true, force: true });
  const keep = [request.name, ...(previous === undefined ? [] : [previous])];
  const pruned = previous === request.name ? [] : pruneVersions(place.versions, keep);
  tell({ event: "done", isUnchanged, previous: previous ?? null, pruned });
}

function placesOf({ installPath, name, files }: UnpackRequest) {
  const root = realpathSync(installPath);
  const versions = join(root, "versions");
  return {
    root,
    versions,
    version: join(versions, name),
    staging: join(root, stagingFolderName),
    launchers: listLaunchers(files),
  };
}
type Places = ReturnType<typeof placesOf>;

async function receiveVersion({ request, body, tell }: UnpackInput, place: Places): Promise<void> {
  const { staging, versions } = place;
  const present = findPresent({ request, versions, staging });
  tell({
    event: "want",
    files: present.wanted,
    bytesMissing: present.wanted.reduce((sum, file) => sum + file.sizeBytes - file.offset, 0),
    bytesFree: freeBytes(staging),
  });
  if (present.wanted.length > 0) await receiveFiles({ wanted: present.wanted, body, staging });
  tell({ event: "placing" });
  // Whoever was cut off for long may find somebody else at work.
  requireLock(request);
  const tree = join(staging, "tree");
  placeFiles({
    files: request.files,
    sources: allSources(present, staging),
    staging,
    folder: tree,
  });
  await requireTrial(tree, request);
  moveInto(tree, place.version, join(staging, "aside"));
}

function allSources({ sources, wanted }: Present, staging: string): ReadonlyMap<string, string> {
  const received = wanted.map(({ sha256 }) => [sha256, join(staging, sha256)] as const);
  return new Map([...sources, ...received]);
}

// A version that does not run here never comes into use.
async function requireTrial(tree: string, request: UnpackRequest): Promise<void> {
  const hive = "bin/rbee-hive";
  const { answer, failure } = await tryProgram(join(tree, hive));
  if (failure === undefined && answer.includes(request.version)) return;
  rmSync(tree, { recursive: true, force: true });
  throw notAnswering(hive, { answer, failure });
}

async function requireAnswer(
  { root }: Places,
  request: UnpackRequest,
  goBack: () => void,
): Promise<void> {
  const { answer, failure } = await tryProgram(join(root, "bin/rbee-hive"));
  if (failure === undefined && answer.includes(request.version)) return;
  goBack();
  throw notAnswering(join(root, "bin/rbee-hive"), { answer, failure });
}

function notAnswering(
  program: string,
  { answer, failure }: { readonly answer: string; readonly failure: string | undefined },
): UnpackFailure {
  const why = failure ?? "it gave another version than the one that was sent";
  return new UnpackFailure({
    kind: "other",
    step: "trying the new version",
    reason: `${program} --version does not work there: ${why}`,
    lastLines: answer.split("\n").slice(-5),
  });
}

function requireLock({ installPath, lock }: UnpackRequest): void {
  const path = join(installPath, lockName);
  let held: string | undefined;
  try {
    held = readlinkSync(path);
  } catch {
    held = undefined;
  }
  if (held === lock) return;
  throw new UnpackFailure({
    kind: "lock-lost",
    step: "unpacking",
    reason: "another installation took over meanwhile",
  });
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
