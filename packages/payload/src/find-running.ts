import { readFileSync, readlinkSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";

export interface RunningProgram {
  readonly pid: number;
  /** The name that it gave itself. */
  readonly name: string;
  /** The Node that runs it: a file below the folder. */
  readonly executable: string;
}

/** Processes that run from below a folder, this one left out. Empty where there is no `/proc`. */
export async function findRunning(root: string): Promise<readonly RunningProgram[]> {
  // The kernel names files by where they really are.
  const folder = await realpath(root).catch(() => root);
  const names = await readdir("/proc").catch(() => []);
  return names
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => describeProcess(name, folder));
}

function describeProcess(name: string, root: string): RunningProgram[] {
  const pid = Number(name);
  if (pid === process.pid) return [];
  try {
    // A file that was removed already is shown with a remark behind it.
    const executable = readlinkSync(`/proc/${name}/exe`);
    if (!executable.startsWith(`${root}/`)) return [];
    return [{ pid, name: readName(name), executable }];
  } catch {
    // It ended meanwhile, or belongs to another person.
    return [];
  }
}

function readName(pid: string): string {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
}
