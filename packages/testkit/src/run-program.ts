import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { eventually } from "./eventually.ts";

export interface ProgramInput {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Text for standard input, which is closed after it; absent: an empty standard input. */
  readonly stdin?: string | undefined;
  /** After so long it is ended with SIGKILL and `end.isOverdue` says so. */
  readonly limitMs?: number | undefined;
}

export interface OutputPiece {
  readonly stream: "stdout" | "stderr";
  /** Milliseconds since the start of the program. */
  readonly atMs: number;
  readonly text: string;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly durationMs: number;
  readonly isOverdue: boolean;
  /** Somebody that it started still held its stdout or stderr after it had ended. */
  readonly isOutputHeld: boolean;
}

/** A program that runs or has run, with everything that it said. */
export interface ProgramRun {
  readonly pid: number;
  readonly command: readonly string[];
  readonly pieces: readonly OutputPiece[];
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Settles when the program has ended and all of its output is here. */
  readonly ended: Promise<ProgramEnd>;
  readonly end: () => ProgramEnd | undefined;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Waits until a stream has said something; throws when the program ends without it. */
  readonly waitForOutput: (wanted: WantedOutput) => Promise<void>;
}

export interface WantedOutput {
  readonly stream: "stdout" | "stderr";
  readonly pattern: RegExp;
  readonly timeoutMs?: number;
}

const limitDefaultMs = 80_000;
const outputGraceMs = 1000;

/** Starts a program and records what it says, with the time. Rejects when it cannot be started. */
export async function runProgram(input: ProgramInput): Promise<ProgramRun> {
  const [file = "", ...words] = input.command;
  const startedAt = performance.now();
  const sinceStart = () => performance.now() - startedAt;
  const child = spawn(file, words, {
    cwd: input.directory,
    env: { ...input.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const pieces: OutputPiece[] = [];
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8");
    child[stream].on("data", (text: string) => pieces.push({ stream, atMs: sinceStart(), text }));
  }
  // A program that ends without reading its input is its own affair.
  child.stdin.on("error", () => {});
  child.stdin.end(input.stdin ?? "");

  let end: ProgramEnd | undefined;
  const ended = watchEnd(child, { limitMs: input.limitMs ?? limitDefaultMs, sinceStart }).then(
    (seen) => (end = seen),
  );
  if (child.pid === undefined) await ended;
  const textOf = (stream: OutputPiece["stream"]) =>
    pieces.flatMap((piece) => (piece.stream === stream ? [piece.text] : [])).join("");
  return {
    pid: child.pid ?? 0,
    command: input.command,
    pieces,
    stdout: () => textOf("stdout"),
    stderr: () => textOf("stderr"),
    ended,
    end: () => end,
    signal: (name) => void child.kill(name),
    waitForOutput: async ({ stream, pattern, timeoutMs = limitDefaultMs }) => {
      const giveUp = new AbortController();
      const look = () => {
        const isThere = pattern.test(textOf(stream));
        if (!isThere && end !== undefined) giveUp.abort(endedWithout(pattern, textOf));
        return isThere;
      };
      const what = `${String(pattern)} on ${stream}`;
      await eventually(look, { timeoutMs, what, signal: giveUp.signal });
    },
  };
}

interface EndWatch {
  readonly limitMs: number;
  readonly sinceStart: () => number;
}

function watchEnd(
  child: ChildProcessWithoutNullStreams,
  { limitMs, sinceStart }: EndWatch,
): Promise<ProgramEnd> {
  let isOverdue = false;
  const limit = setTimeout(() => {
    isOverdue = true;
    child.kill("SIGKILL");
  }, limitMs);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearTimeout(limit);
      const durationMs = sinceStart();
      const settle = (isOutputHeld: boolean) =>
        resolve({ code, signal, durationMs, isOverdue, isOutputHeld });
      // A child of the program may hold the pipes for ever, so their end is not waited for.
      const held = setTimeout(() => {
        settle(true);
        child.stdout.destroy();
        child.stderr.destroy();
      }, outputGraceMs);
      child.once("close", () => {
        clearTimeout(held);
        settle(false);
      });
    });
  });
}

function endedWithout(pattern: RegExp, textOf: (stream: "stdout" | "stderr") => string): Error {
  const said = `stdout: ${textOf("stdout")}\nstderr: ${textOf("stderr")}`;
  return new Error(`the program ended before it said ${String(pattern)}\n${said}`);
}
