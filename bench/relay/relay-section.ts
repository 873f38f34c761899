import type { LoadResult } from "./load-order.ts";
import { openRelayStage } from "./relay-stage.ts";
import type { RelayStage, Road } from "./relay-stage.ts";
import { ensureBundle } from "../ensure-bundle.ts";
import type { Bench, Row, Section } from "../section.ts";
import { findMedian, findPercentile, renderRange } from "../statistics.ts";

const cpuStreams = 200;
const cpuRatioMax = 1.5;
const latencyStreams = 100;
const addedMedianMaxMs = 1;
const addedTailMaxMs = 5;
const tailPercent = 99;
// Above this share of one core a process is near its end, and its figures are those of a queue.
const shareMax = 0.85;

/** What the queen costs and how long she holds a token, on its way from a worker to a client. */
export const relaySection: Section = {
  name: "relay",
  summary: "tokens from a worker through the queen, against a bare Node pipe and the worker itself",
  limitMs: 300_000,
  async run(bench) {
    const stage = await openRelayStage(bench, ensureBundle(bench.tell));
    return [...(await measureCpu(bench, stage)), ...(await measureLatency(bench, stage))];
  },
};

async function measureCpu(bench: Bench, stage: RelayStage): Promise<Row[]> {
  const { rounds, tell } = bench;
  const seen = { queen: [] as Cost[], pipe: [] as Cost[] };
  const run = async (road: "queen" | "pipe") =>
    costOf(await stage.run(road, { streams: cpuStreams, readsStamps: false }));
  // One round each that does not count: code is compiled, buffers have grown.
  for (const road of ["queen", "pipe"] as const) await run(road);
  for (let round = 1; round <= rounds; round += 1) {
    for (const road of ["queen", "pipe"] as const) {
      const cost = await run(road);
      seen[road].push(cost);
      tell(`round ${round} ${road.padEnd(5)} ${renderCost(cost)}`);
    }
  }
  const micros = (costs: readonly Cost[]) => costs.map(({ microsPerToken }) => microsPerToken);
  const ratios = seen.queen.map(
    (cost, index) => cost.microsPerToken / (seen.pipe[index]?.microsPerToken ?? Number.NaN),
  );
  const all = [...seen.queen, ...seen.pipe];
  const shares = all.flatMap((cost) => [cost.relayShare, cost.workerShare, cost.clientShare]);
  const rate = findMedian(all.map(({ tokensPerSecond }) => tokensPerSecond));
  return [
    {
      name: `CPU per token of the queen, ${cpuStreams} streams`,
      measured: `${renderRange(micros(seen.queen), 1)} us`,
    },
    { name: "... of a bare Node pipe", measured: `${renderRange(micros(seen.pipe), 1)} us` },
    {
      name: "... ratio",
      measured: renderRange(ratios, 2),
      target: `<= ${cpuRatioMax}`,
      isMet: findMedian(ratios) <= cpuRatioMax,
    },
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

async function measureLatency(bench: Bench, stage: RelayStage): Promise<Row[]> {
  const { rounds, tell } = bench;
  const added: Added[] = [];
  const measure = async (road: Road) => {
    const { latenciesMs } = await stage.run(road, { streams: latencyStreams, readsStamps: true });
    return {
      median: findMedian(latenciesMs),
      tail: findPercentile(latenciesMs, tailPercent),
    };
  };
  for (let round = 1; round <= rounds; round += 1) {
    const direct = await measure("worker");
    const queen = await measure("queen");
    added.push({ median: queen.median - direct.median, tail: queen.tail - direct.tail });
    tell(
      `round ${round} p50 ${direct.median.toFixed(2)} -> ${queen.median.toFixed(2)} ms, ` +
        `p99 ${direct.tail.toFixed(2)} -> ${queen.tail.toFixed(2)} ms`,
    );
  }
  const medians = added.map(({ median }) => median);
  const tails = added.map(({ tail }) => tail);
  return [
    {
      name: `added latency, ${latencyStreams} streams, p50`,
      measured: `${renderRange(medians, 2)} ms`,
      target: `<= ${addedMedianMaxMs} ms`,
      isMet: findMedian(medians) <= addedMedianMaxMs,
    },
    {
      name: `... p${tailPercent}`,
      measured: `${renderRange(tails, 2)} ms`,
      target: `<= ${addedTailMaxMs} ms`,
      isMet: findMedian(tails) <= addedTailMaxMs,
    },
  ];
}

interface Added {
  readonly median: number;
  readonly tail: number;
}
