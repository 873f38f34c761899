import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { eventually } from "../eventually.ts";
import { findProcess, listDescendants } from "../process-table.ts";

export interface Namespace {
  /** Its first process, as this machine counts. */
  readonly pid: number;
  /** Ends everything in it. */
  readonly end: () => Promise<void>;
}

export interface NamespaceInput {
  readonly what: string;
  /** Words for `unshare`. */
  readonly kinds: readonly string[];
  /** Says `ready` and then lives until its standard input ends. */
  readonly script: string;
}

const readyLimitMs = 15_000;

/**
 * Starts a shell script in namespaces of its own. They end with this process however that ends: the
 * script reads a pipe from it.
 */
export async function startNamespace({ what, kinds, script }: NamespaceInput): Promise<Namespace> {
  const child = spawn("unshare", [...kinds, "--fork", "--kill-child", "sh", "-c", script], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {});
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (text: Buffer) => (said.stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (said.stderr += text.toString()));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await eventually(() => hasEnded() || said.stdout.includes("ready"), {
    timeoutMs: readyLimitMs,
    intervalMs: 5,
    what,
  });
  const pid = child.pid === undefined ? undefined : findChild(child.pid);
  if (pid === undefined) throw new Error(`${what} did not start: ${said.stderr}`);
  return { pid, end: () => end(child) };
}

/** The process that this one started first and that still runs. */
export function findChild(parent: number): number | undefined {
  return listDescendants(parent).find((pid) => findProcess(pid)?.parentPid === parent);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  // The script is told by the end of its input; a frozen one by the end of `unshare`.
  child.stdin?.end();
  const limit = setTimeout(() => child.kill("SIGKILL"), 500);
  await ended;
  clearTimeout(limit);
}
