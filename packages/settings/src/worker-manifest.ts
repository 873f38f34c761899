import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { BackendName } from "@rbee/contract";
import { z } from "zod";
import { programCommand } from "./installation.ts";
import type { Installation } from "./installation.ts";

const WorkerManifestFile = z.strictObject({
  name: z.string().min(1),
  engine: z.string().min(1),
  /** Our own worker, by its program name ... */
  program: z.literal("llm-worker-rbee").optional(),
  /** ... or any other program that keeps the worker's contract: an argument list. */
  command: z.array(z.string().min(1)).min(1).optional(),
  backends: z.array(BackendName).optional(),
});

/** A worker program that a hive may spawn. */
export interface WorkerManifest {
  readonly name: string;
  readonly engine: string;
  /** What to run; the arguments of the worker contract follow. */
  readonly command: readonly string[];
  /** Absent: whatever devices the node has. */
  readonly backends?: readonly BackendName[];
}

/** Reads the manifest at `path`. Relative words of `command` that exist beside it are resolved. */
export function readWorkerManifest(path: string, installation: Installation): WorkerManifest {
  const file = WorkerManifestFile.parse(JSON.parse(readFileSync(path, "utf8")));
  if ((file.program === undefined) === (file.command === undefined)) {
    throw new Error(`${path}: exactly one of program and command is needed`);
  }
  const command =
    file.command?.map((word) => (word.startsWith("./") ? resolve(dirname(path), word) : word)) ??
    programCommand(installation, "llm-worker-rbee");
  const { name, engine } = file;
  return { name, engine, command, ...(file.backends ? { backends: file.backends } : {}) };
}
