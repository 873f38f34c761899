import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { listListeningPorts } from "./listeners.ts";
import { isAlive, listProcessesOf } from "./process-table.ts";
import type { ProcessEntry } from "./process-table.ts";

export interface LeakInput {
  readonly rbeeHome: string;
  readonly ports: readonly number[];
  /** Processes that a test ended with SIGKILL: they could not tidy up after themselves. */
  readonly killedPids: ReadonlySet<number>;
  /** How long what was told to stop may take. */
  readonly graceMs: number;
}

/** What of the product is still on this machine although everything was stopped. */
export interface Leaks {
  readonly processes: readonly ProcessEntry[];
  readonly ports: readonly number[];
  readonly pidFiles: readonly string[];
}

export async function findLeaks(input: LeakInput): Promise<Leaks> {
  const look = (): Leaks => ({
    processes: listProcessesOf(input.rbeeHome),
    ports: listeningAmong(input.ports),
    pidFiles: listStalePidFiles(input),
  });
  const isClean = ({ processes, ports, pidFiles }: Leaks) =>
    processes.length + ports.length + pidFiles.length === 0;
  await eventually(() => isClean(look()), { timeoutMs: input.graceMs, intervalMs: 100 }).catch(
    () => {},
  );
  return look();
}

/** One line per leak; empty when there is none. */
export function describeLeaks({ processes, ports, pidFiles }: Leaks): string[] {
  return [
    ...processes.map((entry) => `process ${entry.pid} (${entry.state}) lives: ${entry.command}`),
    ...ports.map((port) => `port ${port} is still bound`),
    ...pidFiles.map((file) => `${file} names a process that is gone`),
  ];
}

function listeningAmong(ports: readonly number[]): number[] {
  const listening = listListeningPorts();
  return ports.filter((port) => listening.has(port));
}

function listStalePidFiles({ rbeeHome, killedPids }: LeakInput): string[] {
  const folder = join(rbeeHome, "run");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".pid"));
  return files.filter((name) => {
    const pid = Number(readFileSync(join(folder, name), "utf8"));
    return !isAlive(pid) && !killedPids.has(pid);
  });
}
