import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { readableLogLine } from "@rbee/contract";
import { redact } from "@rbee/daemon";
import type { LogFile } from "@rbee/daemon";
import type { ProcessEnd } from "../domain/advance-worker.ts";

/** Everything that is needed to run a worker program; the key never becomes an argument. */
export interface WorkerLaunch {
  readonly command: readonly string[];
  readonly commandArguments: readonly string[];
  readonly key: string;
  readonly log: LogFile;
  /** Hears each line of stdout. */
  readonly onLine: (line: string) => void;
}

export interface WorkerProcess {
  /** Null when the program could not be started at all; `ended` tells then. */
  readonly pid: number | null;
  /** Settles once the process is reaped and its last lines are read. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly hasEnded: () => boolean;
  /** The last lines that it wrote, newest last. */
  readonly lastLines: () => readonly string[];
  readonly kill: (signal: "SIGTERM" | "SIGKILL") => void;
}

const lastLinesMax = 10;
const lineCharactersMax = 500;
// Somebody else may hold the ends of its pipes; the exit itself is what counts.
const lastWordsMs = 250;

/**
 * Starts a worker in a process group of its own, so that Ctrl+C in the hive's terminal leaves its
 * end to the hive. The pipe to its stdin stays open: its end tells the worker that the hive is gone
 * (see the lifeline of the daemons).
 */
export function startWorkerProcess(launch: WorkerLaunch): WorkerProcess {
  const [program = "", ...words] = launch.command;
  const child = spawn(program, [...words, ...launch.commandArguments], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const lastLines: string[] = [];
  const keep = (line: string) => {
    const clean = redact(line);
    launch.log.write(`${clean}\n`);
    const readable = readableLogLine(clean);
    if (readable === undefined) return;
    lastLines.push(readable.slice(0, lineCharactersMax));
    if (lastLines.length > lastLinesMax) lastLines.shift();
  };
  readLines(child.stdout, (line) => {
    keep(line);
    launch.onLine(line);
  });
  readLines(child.stderr, keep);
  // The worker may be gone before it has read its key; its exit tells.
  child.stdin.on("error", () => {});
  child.stdin.write(`${launch.key}\n`);
  let hasEnded = false;
  const ended = waitForEnd(child, keep).then((end) => {
    hasEnded = true;
    child.stdin.destroy();
    return end;
  });
  return {
    pid: child.pid ?? null,
    ended,
    hasEnded: () => hasEnded,
    lastLines: () => [...lastLines],
    kill: (signal) => {
      if (!hasEnded) killGroup(child, signal);
    },
  };
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
}

function waitForEnd(child: ChildProcess, keep: (line: string) => void): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid !== undefined) return;
      keep(`it cannot be started: ${error.message}`);
      resolve({ exitCode: null, signal: null });
    });
    child.once("exit", (exitCode, signal) => {
      sweepGroup(child.pid);
      const settle = () => resolve({ exitCode, signal });
      child.once("close", settle);
      setTimeout(settle, lastWordsMs);
    });
  });
}

// Helpers of a worker that crashed are nobody's; they must not keep memory.
function sweepGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // There is nobody left in it: the usual case.
  }
}

// The whole group: an engine may have helpers of its own that hold memory.
function killGroup(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}
