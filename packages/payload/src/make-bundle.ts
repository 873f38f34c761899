import { execFile } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { RbeeError } from "@rbee/contract";
import type { PlatformName } from "./describe-platform.ts";

interface BundleInput {
  /** The script that makes the programs of the sources that it belongs to. */
  readonly bundler: string;
  readonly folder: string;
  readonly platform: PlatformName;
  readonly signal: AbortSignal;
}

const limitMs = 120_000;

/** In a process of its own: a bundler needs more memory than a queen should ever take. */
export async function makeBundle(input: BundleInput): Promise<void> {
  const { bundler, folder, platform, signal } = input;
  await new Promise<void>((resolve, reject) => {
    const options = { signal, timeout: limitMs, killSignal: "SIGKILL" } as const;
    execFile(process.execPath, [bundler, folder], options, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      if (signal.aborted) return reject(signal.reason as Error);
      const reason = findReason(stderr) ?? error.message;
      const details = { platform, part: "rbee's programs", reason };
      reject(new RbeeError("PAYLOAD_UNAVAILABLE", details, { cause: error }));
    });
  });
}

// The bundler's own line says which file; those around it are pictures and stacks.
function findReason(stderr: string): string | undefined {
  const lines = stripVTControlCharacters(stderr).split("\n");
  const line =
    lines.find((text) => /^\[[A-Z_]+\]/.test(text)) ?? lines.find((text) => /Error:/.test(text));
  return line?.trim();
}
