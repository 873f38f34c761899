import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { RbeeError } from "@rbee/contract";

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** A program of OpenSSH that runs. */
export interface SshChild {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when it has ended and its output is read. Throws SSH_CLIENT_MISSING. */
  readonly ended: Promise<ProgramEnd>;
  readonly kill: (name?: NodeJS.Signals) => void;
}

export type SshProgram = "ssh" | "ssh-keygen";

/** Starts a program of the system's OpenSSH. Nothing here goes through a shell of this machine. */
export function startSsh(words: readonly string[], program: SshProgram = "ssh"): SshChild {
  // A session of its own: Ctrl+C in the queen's terminal is hers alone, and nothing asks on it.
  const child = spawn(program, words, { detached: true, stdio: ["pipe", "pipe", "pipe"] });
  // The other side ends when it wants; what was still to be written is of no interest then.
  child.stdin.on("error", () => {});
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended: watchEnd(child, program),
    kill(name = "SIGTERM") {
      child.kill(name);
      if (name !== "SIGKILL") return;
      // A client on an open connection has given its pipes to that; they may stay open for long.
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

function watchEnd(child: ChildProcess, program: string): Promise<ProgramEnd> {
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once("error", (cause) => {
      const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
      reject(isMissing ? new RbeeError("SSH_CLIENT_MISSING", { program }, { cause }) : cause);
    });
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal }));
  });
  // Whoever waits hears of it; nobody need wait.
  ended.catch(() => {});
  return ended;
}

export interface ProgramOutput extends ProgramEnd {
  readonly stdout: string;
  readonly stderr: string;
}

interface ShortRun {
  readonly program?: SshProgram;
  /** Ends the program when it takes longer. */
  readonly timeoutMs: number;
}

/** Runs a program that answers at once, to its end. */
export async function askSsh(
  words: readonly string[],
  { program, timeoutMs }: ShortRun,
): Promise<ProgramOutput> {
  const child = startSsh(words, program);
  child.stdin.end();
  const limit = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  const texts = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
  try {
    return { ...(await child.ended), ...texts };
  } finally {
    clearTimeout(limit);
  }
}

// Reads until its standard input ends, which the kernel sees to however the queen ends.
const watchScript = `
while read -r line; do :; done
for socket in "$1"/*; do
  [ -S "$socket" ] && ssh -F /dev/null -S "$socket" -O exit none
done
rm -rf "$1"
`;

/**
 * Starts what ends all connections whose control sockets are in `folder`, and removes the folder,
 * when the returned function is called or this process is gone. A connection that only idles would
 * end by itself with its pipe; one with sessions on it waits for them, for ever.
 */
export function startConnectionWatch(folder: string): () => void {
  const child = spawn("/bin/sh", ["-c", watchScript, "sh", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.unref();
  return () => child.stdin.end();
}
