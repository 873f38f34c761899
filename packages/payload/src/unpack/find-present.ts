import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { hasContent } from "./hash-file.ts";
import { manifestFileName } from "./unpack-protocol.ts";
import type { UnpackFile, UnpackRequest, WantedFile } from "./unpack-protocol.ts";

/** Where the contents are that a version is made of, and what of them is missing. */
export interface Present {
  /** By digest: a whole file with this content. */
  readonly sources: ReadonlyMap<string, string>;
  readonly wanted: readonly WantedFile[];
}

interface FindInput {
  readonly request: UnpackRequest;
  readonly versions: string;
  /** Received files, named after their digests; `<digest>.partial` as long as they are not whole. */
  readonly staging: string;
}

/** Looks in what was received before and in every version that is here; every byte is checked. */
export function findPresent({ request, versions, staging }: FindInput): Present {
  mkdirSync(staging, { recursive: true });
  const candidates = listCandidates(versions, request);
  const sources = new Map<string, string>();
  const wanted: WantedFile[] = [];
  for (const file of distinct(request.files)) {
    const places = [join(staging, file.sha256), ...(candidates.get(file.sha256) ?? [])];
    const source = places.find((path) => hasContent(path, file.sizeBytes, file.sha256));
    if (source === undefined) wanted.push(wantRest(file, staging));
    else sources.set(file.sha256, source);
  }
  removeUnwanted(staging, request);
  return { sources, wanted };
}

function distinct(files: readonly UnpackFile[]): UnpackFile[] {
  return [...new Map(files.map((file) => [file.sha256, file])).values()];
}

function wantRest({ sha256, sizeBytes }: UnpackFile, staging: string): WantedFile {
  rmSync(join(staging, sha256), { force: true });
  const partial = join(staging, `${sha256}.partial`);
  const size = statSync(partial, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= sizeBytes) return { sha256, sizeBytes, offset: size };
  rmSync(partial, { force: true });
  return { sha256, sizeBytes, offset: 0 };
}

// The version itself comes first: what is right there stays as it is.
function listCandidates(versions: string, request: UnpackRequest): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (sha256: string, path: string) =>
    void found.set(sha256, [...(found.get(sha256) ?? []), path]);
  const complete = [
    join(versions, request.name),
    ...(request.from === undefined ? [] : [request.from]),
  ];
  for (const { sha256, path } of request.files) {
    for (const folder of complete) add(sha256, join(folder, path));
  }
  for (const name of listFolder(versions)) {
    for (const [sha256, path] of readManifest(join(versions, name))) {
      add(sha256, join(versions, name, path));
    }
  }
  return found;
}

/** Pairs of digest and path; empty for a folder that is not a version of ours. */
export function readManifest(folder: string): [string, string][] {
  let text: string;
  try {
    text = readFileSync(join(folder, manifestFileName), "utf8");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .flatMap((line): [string, string][] =>
      /^[0-9a-f]{64} {2}[^/]/.test(line) && !line.includes("..")
        ? [[line.slice(0, 64), line.slice(66)]]
        : [],
    );
}

export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

// What another payload left half sent would fill the disk for ever.
function removeUnwanted(staging: string, { files }: UnpackRequest): void {
  const names = new Set(files.flatMap(({ sha256 }) => [sha256, `${sha256}.partial`]));
  for (const name of listFolder(staging)) {
    if (/^[0-9a-f]{64}(?:\.partial)?$/.test(name) && !names.has(name)) {
      rmSync(join(staging, name), { force: true });
    }
  }
}
