import { readFileSync } from "node:fs";

const title = "rbee-hive";

/**
 * True while that process runs and is a hive. A process id is given to somebody else once its
 * owner is gone, so where the kernel tells what a process is, it is asked; one that has ended and
 * that nobody has waited for counts as gone.
 */
export function isHiveProcess(pid: number, program: string): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = readKernelFile(pid, "stat");
  if (status === undefined) return true;
  // The state follows the name, which stands in brackets and may itself contain some.
  const state = status.slice(status.lastIndexOf(")") + 2, status.lastIndexOf(")") + 3);
  if (state === "Z" || state === "X") return false;
  const commandLine = readKernelFile(pid, "cmdline") ?? "";
  return commandLine.startsWith(title) || commandLine.includes(program);
}

// Only Linux has these files; elsewhere, and for other people's processes, nothing is known.
function readKernelFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return undefined;
  }
}
