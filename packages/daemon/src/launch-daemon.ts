import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { readableLogLine } from "@rbee/contract";

export interface DaemonCommand {
  readonly command: readonly string[];
  readonly logFile: string;
}

/** A daemon that was just started; whoever started it waits for it. */
export interface LaunchedDaemon {
  readonly child: ChildProcess;
  /**
   * What it writes on its pipe once it listens. Settles with that line only: a pipe that closes
   * without one says nothing, the exit will.
   */
  readonly readyLine: Promise<string>;
  /** What it has said since this start: older lines would explain another failure. */
  readonly lastLines: () => string[];
  readonly closePipe: () => void;
}

const lastLinesMax = 10;

/** Starts a daemon as a process of a session of its own, with its own log. */
export function launchDaemon({ command, logFile }: DaemonCommand): LaunchedDaemon {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const logOffset = existsSync(logFile) ? statSync(logFile).size : 0;
  const child = spawnWithLog(command, logFile);
  const pipe = child.stdio[3] as Readable;
  pipe.on("error", () => {});
  return {
    child,
    readyLine: new Promise((resolve) => {
      pipe.once("data", (bytes: Buffer) => resolve(bytes.toString("utf8")));
    }),
    lastLines: () => readLastLines(logFile, logOffset),
    closePipe: () => void pipe.destroy(),
  };
}

function spawnWithLog([program = "", ...words]: readonly string[], logFile: string): ChildProcess {
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
