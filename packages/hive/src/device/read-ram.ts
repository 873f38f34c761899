import { readFile } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { parseVmStat } from "./parse-vm-stat.ts";
import { runTool } from "./run-tool.ts";

export interface Ram {
  readonly totalBytes: number;
  readonly availableBytes: number;
}

/** Plain memory of this machine, or of the container that this process lives in. */
export async function readRam(signal: AbortSignal): Promise<Ram> {
  const machineBytes = totalmem();
  const constrainedBytes = process.constrainedMemory();
  if (constrainedBytes > 0 && constrainedBytes < machineBytes) {
    return { totalBytes: constrainedBytes, availableBytes: await readConstrained() };
  }
  const availableBytes =
    process.platform === "darwin" ? await readDarwin(signal) : process.availableMemory();
  return { totalBytes: machineBytes, availableBytes: Math.min(availableBytes, machineBytes) };
}

// Files that were read count as used in a container, though the kernel gives their memory back at
// once; without them a hive could not start a second worker after having read one large model.
async function readConstrained(): Promise<number> {
  const cacheBytes = await readInactiveFileBytes();
  // Of the machine as a whole there may be less than the container's limit promises.
  return Math.min(process.availableMemory() + cacheBytes, freemem());
}

async function readInactiveFileBytes(): Promise<number> {
  const membership = await readFile("/proc/self/cgroup", "utf8").catch(() => "");
  for (const path of listMemoryStatPaths(membership)) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) return parseInactiveFile(text);
  }
  return 0;
}

/** Where the figures of this process's control group may be, by /proc/self/cgroup. */
export function listMemoryStatPaths(membership: string): string[] {
  const paths = membership.split("\n").flatMap((line) => {
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers.split(",").includes("memory")) return [`/sys/fs/cgroup/memory${path}`];
    return line.startsWith("0::") ? [`/sys/fs/cgroup${path}`] : [];
  });
  // Inside a container the path is often that of the host, and its own group is mounted at the root.
  const folders = [...paths, "/sys/fs/cgroup/memory", "/sys/fs/cgroup"];
  return folders.map((folder) => `${folder.replace(/\/$/, "")}/memory.stat`);
}

/** Bytes of file cache that can be given back at once, from memory.stat of either version. */
export function parseInactiveFile(memoryStat: string): number {
  const total = /^total_inactive_file (\d+)$/m.exec(memoryStat);
  return Number((total ?? /^inactive_file (\d+)$/m.exec(memoryStat))?.[1] ?? 0);
}

async function readDarwin(signal: AbortSignal): Promise<number> {
  const result = await runTool("/usr/bin/vm_stat", [], signal);
  const bytes = result.status === "done" ? parseVmStat(result.stdout) : undefined;
  return bytes ?? process.availableMemory();
}
