import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** On what and when was measured. No names of machines: tables are passed on. */
export function describeConditions(): string[] {
  const model = cpus()[0]?.model.trim() ?? "unknown";
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return [
    `${new Date().toISOString()}, commit ${findCommit()}`,
    `CPU ${model}, ${availableParallelism()} cores, ${memoryGb} GB, Node ${process.version}`,
    `load average ${renderLoad()}`,
  ];
}

/** Load of the last minute; other work on the machine makes every figure worse. */
export function renderLoad(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

function findCommit(): string {
  try {
    const git = (...words: readonly string[]) =>
      execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim();
    const commit = git("rev-parse", "--short", "HEAD");
    return git("status", "--porcelain") === "" ? commit : `${commit} with changes`;
  } catch {
    // A copy without its history.
    return "unknown";
  }
}
