import type { Row, Section } from "../section.ts";
import { residencyBoundMs, simulateDay } from "./simulate-day.ts";
import type { DayReport } from "./simulate-day.ts";

const seed = 20_261_128;
const jainMin = 0.95;
const requests = 1_000_000;
const waitMaxMs = 300_000;
// On the others stand pinned models, so only here somebody is stopped for others.
const rareNodes = 12;

/** A day of a large house, on the real queue, placement, eviction, view and weights. */
export const simulationSection: Section = {
  name: "simulation",
  summary: "a simulated day of 1,000,000 requests on 100 nodes: fairness, waits, evictions",
  isLong: true,
  limitMs: 1_800_000,
  async run({ tell }) {
    tell(`seed ${seed}`);
    const startedAtMs = performance.now();
    const report = simulateDay({
      seed,
      requests,
      nodes: 100,
      popularModels: 4,
      rareModels: 60,
      rareNodes,
      busyKeys: 30,
      otherKeys: 200,
      failures: true,
    });
    const takenMs = performance.now() - startedAtMs;
    for (const [key, tokens] of report.servedByKey) tell(`${key}: ${tokens} tokens`);
    return rowsOf(report, takenMs);
  },
};

function rowsOf(report: DayReport, takenMs: number): Row[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const hours = report.simulatedHours.toFixed(1);
  const evictionsMax = Math.ceil(
    (report.simulatedHours * 3_600_000 * rareNodes) / residencyBoundMs,
  );
  return [
    {
      name: `${report.requests} requests in ${hours} simulated hours, seed ${seed}`,
      measured: `${report.done} done, ${report.failed} lost with ${report.nodeFailures} failing nodes, ${report.refused} refused, played in ${seconds(takenMs)}`,
    },
    {
      name: "Jain's index of tokens, keys that always have work",
      measured: report.jain.toFixed(4),
      target: `>= ${jainMin}`,
      isMet: report.jain >= jainMin,
    },
    {
      name: "... longest that one of them had no turn at a model",
      measured: seconds(report.longestGapMs),
      target: `<= ${seconds(waitMaxMs)}`,
      isMet: report.longestGapMs <= waitMaxMs,
    },
    {
      name: "longest wait of a request of the other keys, cold starts included",
      measured: seconds(report.longestWaitMs),
      target: `<= ${seconds(waitMaxMs)}`,
      isMet: report.longestWaitMs <= waitMaxMs,
    },
    {
      name: "evictions",
      measured: String(report.evictions),
      target: `<= ${evictionsMax}`,
      isMet: report.evictions <= evictionsMax,
    },
    {
      name: "... shortest stay of a worker that was stopped for another",
      measured: seconds(report.shortestResidencyMs),
      target: `>= ${seconds(residencyBoundMs)}`,
      isMet: report.shortestResidencyMs >= residencyBoundMs,
    },
  ];
}
