// What the kernel says about a process: its CPU time and its memory.
import { readdirSync, readFileSync } from "node:fs";

const kilobyte = 1024;

/** CPU time of all threads so far, in milliseconds, exact to the scheduler's nanosecond. */
export function readCpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) => {
    const [onCpu = "0"] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    return Number(onCpu);
  });
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6;
}

export interface MemoryFigures {
  readonly residentBytes: number;
  /** Resident memory with shared pages divided among those who share them. */
  readonly proportionalBytes: number;
}

export function readMemory(pid: number): MemoryFigures {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1] ?? Number.NaN) * kilobyte;
  return { residentBytes: field("Rss"), proportionalBytes: field("Pss") };
}
