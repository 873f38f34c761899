import { setTimeout as wait } from "node:timers/promises";
import { ensureBundle } from "../ensure-bundle.ts";
import { readCpuMs, readMemory } from "../process-figures.ts";
import type { Row, Section } from "../section.ts";
import { findMedian, renderRange } from "../statistics.ts";

const residentMaxMb = 160;
// Heartbeats and keep-alives go on; this is what is called nothing.
const cpuMaxPercent = 0.5;
const windowMs = 10_000;
const settleMs = 5000;
const bytesPerMb = 1_048_576;

/** What queen and hive hold and do when nobody asks anything of them. */
export const idleSection: Section = {
  name: "idle",
  summary: "memory and CPU of queen and hive while nothing happens, after a first answer",
  limitMs: 180_000,
  async run({ openBox, rounds, tell, signal }) {
    const box = await openBox({ installationRoot: ensureBundle(tell) });
    const run = await box.keeper(["infer", "--prompt", "write a short story"]);
    if (run.end()?.code !== 0) throw new Error(`infer failed: ${run.stderr()}`);
    const pids = { queen: box.queenPid() ?? 0, hive: box.hivePid() ?? 0 };
    await wait(settleMs, undefined, { signal });
    const cpu: number[] = [];
    const resident: number[] = [];
    const proportional: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const before = readCpuMs(pids.queen) + readCpuMs(pids.hive);
      await wait(windowMs, undefined, { signal });
      const used = readCpuMs(pids.queen) + readCpuMs(pids.hive) - before;
      cpu.push((used / windowMs) * 100);
      const both = [readMemory(pids.queen), readMemory(pids.hive)];
      const [queen, hive] = both.map(({ residentBytes }) => residentBytes / bytesPerMb);
      resident.push((queen ?? 0) + (hive ?? 0));
      const shared = both.map(({ proportionalBytes }) => proportionalBytes / bytesPerMb);
      proportional.push(shared.reduce((sum, one) => sum + one, 0));
      tell(
        `round ${round}: queen ${queen?.toFixed(0)} MB, hive ${hive?.toFixed(0)} MB, ${used.toFixed(1)} ms of CPU`,
      );
    }
    return rowsOf({ cpu, resident, proportional });
  },
};

interface Seen {
  readonly cpu: readonly number[];
  readonly resident: readonly number[];
  readonly proportional: readonly number[];
}

function rowsOf({ cpu, resident, proportional }: Seen): Row[] {
  return [
    {
      name: "queen and hive, resident",
      measured: `${renderRange(resident, 0)} MB`,
      target: `<= ${residentMaxMb} MB`,
      isMet: Math.max(...resident) <= residentMaxMb,
    },
    { name: "... shared pages counted once", measured: `${renderRange(proportional, 0)} MB` },
    {
      name: `... CPU over ${windowMs / 1000} s`,
      measured: `${renderRange(cpu, 2)} % of a core`,
      target: `about 0 (<= ${cpuMaxPercent} %)`,
      isMet: findMedian(cpu) <= cpuMaxPercent,
    },
  ];
}
