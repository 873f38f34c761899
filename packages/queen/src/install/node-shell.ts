import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { RbeeError, timings } from "@rbee/contract";
import type { RemoteProcess, Ssh, SshTarget } from "../node-ports.ts";

export interface ShellAnswer {
  readonly exitCode: number;
  /** Of both streams, in the order they came. */
  readonly lines: readonly string[];
}

interface ShellRun {
  /** `$1`, `$2`, ... of the script. */
  readonly words?: readonly string[];
  readonly timeoutMs?: number;
  readonly onLine?: (line: string) => void;
  /** Runs in the shell itself, so that variables and traps outlive the script. */
  readonly isLasting?: boolean;
}

/**
 * One POSIX shell on a node that runs script after script. It ends when the connection does, and
 * with it whatever its traps are for.
 */
export interface NodeShell {
  readonly run: (script: string, options?: ShellRun) => Promise<ShellAnswer>;
  readonly close: () => Promise<void>;
}

export async function openNodeShell(
  ssh: Ssh,
  target: SshTarget,
  signal: AbortSignal,
): Promise<NodeShell> {
  const remote = await ssh.start(target, ["sh"], { signal });
  const tail = collectTail(remote);
  const lines = createInterface({ input: remote.stdout })[Symbol.asyncIterator]();
  const readUntil = async (mark: string, onLine: (line: string) => void) => {
    const found: string[] = [];
    for (;;) {
      const next = await lines.next();
      if (next.done === true) throw lost(target, await remote.ended, tail());
      if (next.value.startsWith(mark)) {
        // Stands on a line of its own, whatever the script ended with.
        if (found.at(-1) === "") found.pop();
        return { exitCode: Number(next.value.slice(mark.length)), lines: found };
      }
      found.push(next.value);
      if (next.value !== "") onLine(next.value);
    }
  };
  return {
    run: async (script, { words = [], timeoutMs, onLine = () => {}, isLasting } = {}) => {
      const mark = `rbee-${randomBytes(9).toString("hex")} `;
      const parameters = ["set", "--", ...words.map(quoteWord)].join(" ");
      const [open, close] = isLasting === true ? ["{", "}"] : ["(", ")"];
      remote.stdin.write(
        `${open} ${parameters}\n${script}\n${close} </dev/null 2>&1\nprintf '\\n%s%s\\n' '${mark}' "$?"\n`,
      );
      const limitMs = timeoutMs ?? timings.nodeScriptTimeoutMs;
      const limit = setTimeout(remote.kill, limitMs);
      const answer = await readUntil(mark, onLine).finally(() => clearTimeout(limit));
      signal.throwIfAborted();
      return answer;
    },
    close: async () => {
      remote.stdin.end();
      await remote.ended.catch(() => {});
    },
  };
}

/** One word for a POSIX shell. */
function quoteWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Keeps the last lines of what a command says about itself. */
export function collectTail({ stderr }: Pick<RemoteProcess, "stderr">): () => readonly string[] {
  let text = "";
  stderr.setEncoding("utf8");
  stderr.on("data", (chunk: string) => {
    text = (text + chunk).slice(-4000);
  });
  return () =>
    text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-5);
}

/** The connection, or what ran at its other end, is gone in the middle of something. */
export function lost(
  { name }: SshTarget,
  end: { readonly exitCode: number | null; readonly signal: string | null },
  lastLines: readonly string[],
): RbeeError {
  const how = end.signal ?? `exit code ${end.exitCode}`;
  const reason = `The SSH session ended (${[how, ...lastLines.slice(-1)].join(": ")}).`;
  return new RbeeError("NODE_UNREACHABLE", { node: name, reason });
}
