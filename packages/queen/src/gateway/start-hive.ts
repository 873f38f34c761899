import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { RbeeError, readableLogLine, timings } from "@rbee/contract";
import { delay } from "./look-for-hive.ts";

export interface HiveStartOptions {
  readonly node: string;
  /** The program's file, to say clearly when it is missing. */
  readonly program: string;
  readonly command: readonly string[];
  readonly logFile: string;
  readonly signal: AbortSignal;
  /** True when the hive answers over HTTP. */
  readonly isAnswering: () => Promise<boolean>;
}

const lastLinesMax = 10;

/**
 * Starts a hive on this machine as a process of its own session, so that it outlives the queen when
 * the queen is killed. Returns when it says on its pipe that it listens and its health answers,
 * whichever is seen first.
 */
export async function startHive(options: HiveStartOptions): Promise<void> {
  const { node, program, logFile } = options;
  if (!existsSync(program))
    throw new RbeeError("HIVE_NOT_INSTALLED", { node, looked_for: program });
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const logOffset = existsSync(logFile) ? statSync(logFile).size : 0;
  const child = launch(options);
  const over = new AbortController();
  try {
    await Promise.race([
      waitForExit(child, options, logOffset),
      waitForReadyLine(child.stdio[3] as Readable),
      pollHealth(options, over.signal),
      waitForLimit(options, over.signal, logOffset),
    ]);
  } finally {
    over.abort(new Error("the wait is over"));
    child.removeAllListeners("exit");
    (child.stdio[3] as Readable).destroy();
  }
}

function launch({ command, logFile }: HiveStartOptions): ChildProcess {
  const [program = "", ...words] = command;
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(program, [...words, "--ready-fd", "3"], {
      detached: true,
      stdio: ["ignore", log, log, "pipe"],
    });
    // Node reaps it whenever it ends; neither the child nor its pipe keeps the queen alive.
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function waitForExit(
  child: ChildProcess,
  { node, logFile }: HiveStartOptions,
  logOffset: number,
): Promise<never> {
  const startedAt = performance.now();
  return new Promise((_resolve, reject) => {
    const fail = (code: number | null, signal: string | null, cause?: unknown) => {
      const waitedMs = Math.round(performance.now() - startedAt);
      const lines = readLastLines(logFile, logOffset);
      const details = { node, waited_ms: waitedMs, exit_code: code, signal, last_lines: lines };
      reject(new RbeeError("HIVE_START_FAILED", details, { cause }));
    };
    child.once("error", (error) => fail(null, null, error));
    child.once("exit", fail);
  });
}

// Settles with the line only: a pipe that closes without one says nothing, the exit will.
function waitForReadyLine(pipe: Readable): Promise<void> {
  return new Promise((resolve) => {
    pipe.once("data", () => resolve());
    pipe.on("error", () => {});
  });
}

async function pollHealth({ isAnswering }: HiveStartOptions, signal: AbortSignal): Promise<void> {
  while (!(await isAnswering())) {
    const isOver = await delay(timings.localHiveStartPollMs, signal).then(
      () => false,
      () => true,
    );
    // Whoever ended the wait has told why; this one stays silent.
    if (isOver) return await new Promise<never>(() => {});
  }
}

async function waitForLimit(
  { node, logFile, signal }: HiveStartOptions,
  over: AbortSignal,
  logOffset: number,
): Promise<never> {
  const waitedMs = timings.localHiveStartTimeoutMs;
  await delay(waitedMs, AbortSignal.any([signal, over]));
  const lines = readLastLines(logFile, logOffset);
  const details = { node, waited_ms: waitedMs, exit_code: null, signal: null, last_lines: lines };
  throw new RbeeError("HIVE_START_FAILED", details);
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
