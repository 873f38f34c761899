import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { BackendName, RbeeError } from "@rbee/contract";
import { z } from "zod";
import { programCommand } from "./installation.ts";
import type { Installation } from "./installation.ts";

const WorkerManifestFile = z
  .strictObject({
    name: z.string().min(1),
    engine: z.string().min(1),
    /** Our own worker, by its program name ... */
    program: z.literal("llm-worker-rbee").optional(),
    /** ... or any other program that keeps the worker's contract: an argument list. */
    command: z.array(z.string().min(1)).min(1).optional(),
    backends: z.array(BackendName).optional(),
  })
  .refine(({ program, command }) => (program === undefined) !== (command === undefined), {
    path: ["command"],
    message: "exactly one of program and command is needed",
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

/**
 * Reads the manifest at `path`. Words of `command` that begin with `./` are files beside it. Throws
 * INVALID_CONFIGURATION that names the file and every wrong key.
 */
export function readWorkerManifest(path: string, installation: Installation): WorkerManifest {
  const file = readManifestFile(path);
  const command =
    file.command?.map((word) => (word.startsWith("./") ? resolve(dirname(path), word) : word)) ??
    programCommand(installation, "llm-worker-rbee");
  const { name, engine } = file;
  return { name, engine, command, ...(file.backends ? { backends: file.backends } : {}) };
}

function readManifestFile(path: string): z.infer<typeof WorkerManifestFile> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const message = error instanceof SyntaxError ? "is not valid JSON" : "cannot be read";
    const errors = [{ field: "file", constraint: "readable JSON", message }];
    throw new RbeeError("INVALID_CONFIGURATION", { file: path, errors }, { cause: error });
  }
  const parsed = WorkerManifestFile.safeParse(content);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    field: issue.path.join(".") || "worker manifest",
    constraint: issue.code,
    message: issue.message,
  }));
  throw new RbeeError("INVALID_CONFIGURATION", { file: path, errors });
}
