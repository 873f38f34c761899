import type { RelayStage, Road } from "./relay-stage.ts";
import type { Bench, Row } from "../section.ts";
import { findMedian, findPercentile, renderRange } from "../statistics.ts";

const tailPercent = 99;
const relays = ["queen", "nginx", "pipe"] as const;

export interface LatencyInput {
  readonly bench: Bench;
  readonly stage: RelayStage;
  readonly streams: number;
  /** The most that the queen may add; without it the figures stand for themselves. */
  readonly maxMs?: { readonly median: number; readonly tail: number };
}

interface Latency {
  readonly median: number;
  readonly tail: number;
}

/** How much later than from the worker itself a token is there, over each relay. */
export async function measureLatency({ bench, stage, streams, maxMs }: LatencyInput) {
  const { rounds, tell } = bench;
  const added = { queen: [] as Latency[], nginx: [] as Latency[], pipe: [] as Latency[] };
  const measure = async (road: Road): Promise<Latency> => {
    const { latenciesMs } = await stage.run(road, { streams, readsStamps: true });
    const tail = findPercentile(latenciesMs, tailPercent);
    return { median: findMedian(latenciesMs), tail };
  };
  for (let round = 1; round <= rounds; round += 1) {
    const direct = await measure("worker");
    for (const road of relays) {
      const { median, tail } = await measure(road);
      added[road].push({ median: median - direct.median, tail: tail - direct.tail });
      tell(
        `round ${round} ${streams} streams ${road.padEnd(5)} ` +
          `p50 ${direct.median.toFixed(2)} -> ${median.toFixed(2)} ms, ` +
          `p${tailPercent} ${direct.tail.toFixed(2)} -> ${tail.toFixed(2)} ms`,
      );
    }
  }
  const row = (which: keyof Latency, name: string): Row => {
    const of = (road: keyof typeof added) => added[road].map((latency) => latency[which]);
    const texts = relays.map((road) => renderRange(of(road), 2)).join("; ");
    const measured = `${texts} ms`;
    if (maxMs === undefined) return { name, measured };
    const isMet = findMedian(of("queen")) <= maxMs[which];
    return { name, measured, target: `queen <= ${maxMs[which]} ms`, isMet };
  };
  const name = `added latency, ${streams} streams: queen; nginx; pipe, p50`;
  return [row("median", name), row("tail", `... p${tailPercent}`)];
}
