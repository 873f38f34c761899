import { openRelayStage } from "./relay-stage.ts";
import { ensureBundle } from "../ensure-bundle.ts";
import { findGrowth } from "../statistics.ts";
import type { Row, Section } from "../section.ts";

const minutes = Number(process.env["BENCH_MINUTES"] ?? 10);
const streams = 100;
const windowMs = 4000;
const kilobyte = 1024;
// Beyond what a heap that is collected now and then swings by.
const growthMaxMb = 16;

/** Whether the queen grows while streams come and go for ten minutes. */
export const enduranceSection: Section = {
  name: "endurance",
  summary: "the queen's memory while streams come and go for ten minutes (BENCH_MINUTES)",
  isLong: true,
  limitMs: (minutes + 5) * 60_000,
  async run(bench) {
    const stage = await openRelayStage(bench, {
      installationRoot: ensureBundle(bench.tell),
      tokenMs: 20,
      streamsMax: streams,
    });
    const samples: Sample[] = [];
    const startedAt = performance.now();
    const elapsedMinutes = () => (performance.now() - startedAt) / 60_000;
    while (elapsedMinutes() < minutes) {
      bench.signal.throwIfAborted();
      const result = await stage.run("queen", { streams, readsStamps: false, windowMs });
      const megabytes = (result.memoryBytes.open[0] ?? 0) / kilobyte / kilobyte;
      samples.push({ minute: elapsedMinutes(), megabytes });
      bench.tell(`${elapsedMinutes().toFixed(1)} min: ${megabytes.toFixed(1)} MB resident`);
    }
    return renderGrowth(samples);
  },
};

interface Sample {
  readonly minute: number;
  readonly megabytes: number;
}

function renderGrowth(samples: readonly Sample[]): Row[] {
  const points = samples.map(({ minute: x, megabytes: y }) => ({ x, y }));
  const { middle, end, slope } = findGrowth(points);
  return [
    {
      name: `resident memory of the queen, ${streams} streams that come and go, ${minutes} min`,
      measured: `${middle.toFixed(0)} MB in the middle, ${end.toFixed(0)} MB at the end`,
      target: `<= ${growthMaxMb} MB more`,
      isMet: end - middle <= growthMaxMb,
    },
    { name: "... trend after the first third", measured: `${slope.toFixed(2)} MB per minute` },
    { name: "... streams served", measured: String(samples.length * streams) },
  ];
}
