import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { readableLogLine } from "@rbee/contract";

export interface DaemonStart {
  readonly command: readonly string[];
  readonly logFile: string;
  readonly limitMs: number;
}

export type DaemonStarted =
  | { readonly kind: "ready"; readonly pid: number; readonly url: string }
  /** Over before it listened. */
  | {
      readonly kind: "ended";
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly lastLines: readonly string[];
    }
  | { readonly kind: "silent"; readonly lastLines: readonly string[] };

const lastLinesMax = 10;

/**
 * Starts the daemon as a process of a session of its own, with its own log, so that neither the end
 * of a terminal nor that of an SSH connection ends it. Returns when it listens or never will.
 */
export async function startDaemon(start: DaemonStart): Promise<DaemonStarted> {
  const { logFile, limitMs } = start;
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const logOffset = existsSync(logFile) ? statSync(logFile).size : 0;
  const lastLines = () => readLastLines(logFile, logOffset);
  const child = launch(start);
  const over = new AbortController();
  const isLate = delay(limitMs, "silent" as const, { signal: over.signal }).catch(() => "silent");
  try {
    const outcome = await Promise.race([readReady(child), waitForExit(child), isLate]);
    if (typeof outcome === "string") {
      child.kill("SIGKILL");
      return { kind: "silent", lastLines: lastLines() };
    }
    if ("url" in outcome) return { kind: "ready", ...outcome };
    return { kind: "ended", ...outcome, lastLines: lastLines() };
  } finally {
    over.abort();
    (child.stdio[3] as Readable).destroy();
    child.unref();
  }
}

function launch({ command, logFile }: DaemonStart): ChildProcess {
  const [program = "", ...words] = command;
  const log = openSync(logFile, "a", 0o600);
  try {
    return spawn(program, [...words, "--ready-fd", "3"], {
      detached: true,
      stdio: ["ignore", log, log, "pipe"],
    });
  } finally {
    closeSync(log);
  }
}

// Settles with the line only: a pipe that closes without one says nothing, the exit will.
function readReady(child: ChildProcess): Promise<{ readonly pid: number; readonly url: string }> {
  const pipe = child.stdio[3] as Readable;
  pipe.on("error", () => {});
  return new Promise((resolve) => {
    pipe.once("data", (bytes: Buffer) => {
      resolve(JSON.parse(bytes.toString("utf8")) as { pid: number; url: string });
    });
  });
}

interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

function waitForExit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("error", () => resolve({ exitCode: null, signal: null }));
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

// Only what this start wrote: older lines would explain another failure.
function readLastLines(logFile: string, offset: number): string[] {
  try {
    const text = readFileSync(logFile).subarray(offset).toString("utf8");
    return text
      .split("\n")
      .map(readableLogLine)
      .filter((line) => line !== undefined)
      .slice(-lastLinesMax);
  } catch {
    return [];
  }
}
