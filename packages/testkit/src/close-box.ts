import { rmSync } from "node:fs";
import { join } from "node:path";
import type { ProgramName } from "@rbee/settings";
import { eventually } from "./eventually.ts";
import { describeLeaks, findLeaks } from "./leak-check.ts";
import type { PortBlock } from "./port-block.ts";
import { belongsTo, isAlive, listProcessesOf, listZombiesOf } from "./process-table.ts";
import type { ProcessEntry } from "./process-table.ts";
import { readPidFile } from "./read-pid-file.ts";
import type { ProgramRun } from "./run-program.ts";

const stopLimitMs = 35_000;
const zombieGraceMs = 3000;
const pidFileGraceMs = 3000;

export interface Closing {
  readonly root: string;
  readonly rbeeHome: string;
  readonly block: PortBlock;
  readonly runs: readonly ProgramRun[];
  readonly killedPids: ReadonlySet<number>;
  /** Processes that were halted with SIGSTOP; they go on first, so that they can end. */
  readonly stoppedPids: ReadonlySet<number>;
  readonly leakGraceMs: number;
}

/**
 * Stops top down, as a person would: commands, the queen with what it started, then the hive of an
 * operator. What does not go by itself is a leak: it is ended, so that it harms no other test, and
 * named in the error that this throws.
 */
export async function closeBox(closing: Closing): Promise<void> {
  const { root, rbeeHome, block, runs, killedPids, stoppedPids } = closing;
  try {
    for (const pid of stoppedPids) sendSignal(pid, rbeeHome, "SIGCONT");
    const zombies = await findLastingZombies(rbeeHome);
    await Promise.all(runs.filter((run) => isKeeper(run)).map((run) => stopRun(run)));
    await stopDaemon(rbeeHome, "queen-rbee", "queen.pid");
    await stopDaemon(rbeeHome, "rbee-hive", "hive.pid");
    await Promise.all(runs.map((run) => stopRun(run)));
    const leaks = await findLeaks({
      rbeeHome,
      ports: block.ports,
      killedPids,
      graceMs: closing.leakGraceMs,
    });
    for (const { pid } of leaks.processes) sendSignal(pid, rbeeHome, "SIGKILL");
    const lines = [
      ...describeLeaks(leaks),
      ...zombies.map(
        (entry) =>
          `process ${entry.pid} ${entry.command} ended and its parent ${entry.parentPid} never waited`,
      ),
    ];
    if (lines.length > 0) throw new Error(`left behind:\n${lines.join("\n")}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
    block.release();
  }
}

function isKeeper(run: ProgramRun): boolean {
  return run.command.some((word) => word.includes("keeper"));
}

async function stopRun(run: ProgramRun): Promise<void> {
  if (run.end() !== undefined) return;
  run.signal("SIGTERM");
  await eventually(() => run.end() !== undefined, { timeoutMs: stopLimitMs }).catch(() => {});
}

// One that was started a moment ago has no pid file yet; it gets the time to write it.
async function stopDaemon(rbeeHome: string, program: ProgramName, file: string): Promise<void> {
  const isRunning = () => listProcessesOf(rbeeHome).some((entry) => entry.program === program);
  const findPid = () => {
    const pid = readPidFile(join(rbeeHome, "run", file));
    return pid !== undefined && belongsTo(pid, rbeeHome) ? pid : undefined;
  };
  await eventually(() => findPid() !== undefined || !isRunning(), {
    timeoutMs: pidFileGraceMs,
  }).catch(() => {});
  const pid = findPid();
  if (pid === undefined) return;
  sendSignal(pid, rbeeHome, "SIGTERM");
  await eventually(() => !isAlive(pid), { timeoutMs: stopLimitMs }).catch(() => {});
}

async function findLastingZombies(rbeeHome: string): Promise<ProcessEntry[]> {
  let zombies: ProcessEntry[] = [];
  // The look that ends the wait is the one that counts: one more could meet a process that has
  // ended just now and whose parent is about to wait for it.
  await eventually(
    () => {
      zombies = listZombiesOf(listProcessesOf(rbeeHome));
      return zombies.length === 0;
    },
    { timeoutMs: zombieGraceMs },
  ).catch(() => {});
  return zombies;
}

function sendSignal(pid: number, rbeeHome: string, name: NodeJS.Signals): void {
  if (!belongsTo(pid, rbeeHome)) return;
  try {
    process.kill(pid, name);
  } catch {
    // It went between the look and the signal.
  }
}
