import type { LoadResult } from "./load-order.ts";
import type { RelayStage } from "./relay-stage.ts";
import type { Bench, Row } from "../section.ts";
import { findMedian, renderRange } from "../statistics.ts";

const streams = 200;
// Above this share of one core a process is near its end, and its figures are those of a queue.
const shareMax = 0.85;
const roads = ["queen", "pipe", "nginx"] as const;

export interface CostInput {
  readonly bench: Bench;
  readonly stage: RelayStage;
  /** Tokens per core-second of the queen as a share of nginx's, at least. */
  readonly shareOfNginxMin: number;
}

/** What one token costs each relay in processor time. */
export async function measureCosts({ bench, stage, shareOfNginxMin }: CostInput): Promise<Row[]> {
  const { rounds, tell } = bench;
  const seen = { queen: [] as Cost[], pipe: [] as Cost[], nginx: [] as Cost[] };
  const run = async (road: keyof typeof seen) =>
    costOf(await stage.run(road, { streams, readsStamps: false }));
  // One round each that does not count: code is compiled, buffers have grown.
  for (const road of roads) await run(road);
  for (let round = 1; round <= rounds; round += 1) {
    for (const road of roads) {
      const cost = await run(road);
      seen[road].push(cost);
      tell(`round ${round} ${road.padEnd(5)} ${renderCost(cost)}`);
    }
  }
  const micros = (costs: readonly Cost[]) => costs.map(({ microsPerToken }) => microsPerToken);
  const shareOf = (others: readonly Cost[]) =>
    seen.queen.map((cost, index) => (others[index]?.microsPerToken ?? 0) / cost.microsPerToken);
  const all = roads.flatMap((road) => seen[road]);
  const shares = all.flatMap((cost) => [cost.relayShare, cost.workerShare, cost.clientShare]);
  const rate = findMedian(all.map(({ tokensPerSecond }) => tokensPerSecond));
  return [
    {
      name: `CPU per token, ${streams} streams: queen`,
      measured: `${renderRange(micros(seen.queen), 1)} us`,
    },
    { name: "... nginx", measured: `${renderRange(micros(seen.nginx), 1)} us` },
    { name: "... a bare Node pipe", measured: `${renderRange(micros(seen.pipe), 1)} us` },
    {
      name: "tokens per core-second: queen",
      measured: renderRange(
        micros(seen.queen).map((cost) => 1e6 / cost),
        0,
      ),
    },
    {
      name: "... as a share of nginx's",
      measured: renderRange(shareOf(seen.nginx), 2),
      target: `>= ${shareOfNginxMin}`,
      isMet: findMedian(shareOf(seen.nginx)) >= shareOfNginxMin,
    },
    { name: "... as a share of the pipe's", measured: renderRange(shareOf(seen.pipe), 2) },
    {
      name: "... load while measuring",
      measured: `${rate.toFixed(0)} tokens/s, busiest process ${percent(Math.max(...shares))} of a core`,
      target: `<= ${percent(shareMax)}`,
      isMet: Math.max(...shares) <= shareMax,
    },
  ];
}

interface Cost {
  readonly microsPerToken: number;
  readonly tokensPerSecond: number;
  readonly relayShare: number;
  readonly workerShare: number;
  readonly clientShare: number;
}

function costOf({ cpuMs, tokensInWindow, windowMs }: LoadResult): Cost {
  const [relay = 0, worker = 0, client = 0] = cpuMs;
  return {
    microsPerToken: (relay * 1000) / tokensInWindow,
    tokensPerSecond: (tokensInWindow * 1000) / windowMs,
    relayShare: relay / windowMs,
    workerShare: worker / windowMs,
    clientShare: client / windowMs,
  };
}

function renderCost(cost: Cost): string {
  const shares = [cost.relayShare, cost.workerShare, cost.clientShare].map(percent);
  const [relay, worker, client] = shares;
  return (
    `${cost.microsPerToken.toFixed(1)} us/token, ${cost.tokensPerSecond.toFixed(0)} tokens/s, ` +
    `of a core: relay ${relay}, worker ${worker}, client ${client}`
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
