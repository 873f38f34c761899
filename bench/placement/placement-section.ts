import type { Row, Section } from "../section.ts";
import { findPercentile } from "../statistics.ts";
import { openFleet } from "./open-fleet.ts";
import type { Fleet } from "./open-fleet.ts";
import { measureQueue } from "./measure-queue.ts";

const targetMicros = 200;
const decisions = 4000;
const warmups = 1000;
const tailPercent = 99;

/** How long the queen thinks before she knows where a request goes, in a very large house. */
export const placementSection: Section = {
  name: "placement-decision",
  summary: "a placement decision at 1,000 nodes and 10,000 workers; the queue with 100,000 waiting",
  limitMs: 300_000,
  async run({ tell }) {
    const fleet = openFleet();
    tell(`${fleet.nodes} nodes, ${fleet.workers} workers, ${fleet.models} models`);
    const rows = fleet.mixes.map((mix) => measureMix(fleet, mix));
    return [...rows, ...measureQueue()];
  },
};

function measureMix(fleet: Fleet, mix: Fleet["mixes"][number]): Row {
  const micros: number[] = [];
  for (let index = 0; index < warmups + decisions; index += 1) {
    const undo = mix.prepare(index);
    const startedAt = performance.now();
    const kind = mix.decide(index);
    const takenMs = performance.now() - startedAt;
    if (kind !== mix.expected) throw new Error(`${mix.name}: ${kind} instead of ${mix.expected}`);
    undo();
    if (index >= warmups) micros.push(takenMs * 1000);
  }
  const [median, tail] = [50, tailPercent].map((percent) => findPercentile(micros, percent));
  const text = (value = Number.NaN) => value.toFixed(1);
  return {
    name: `${fleet.nodes} nodes, ${fleet.workers} workers: ${mix.name}`,
    measured: `p50 ${text(median)} us, p${tailPercent} ${text(tail)} us`,
    target: `p50 and p${tailPercent} <= ${targetMicros} us`,
    isMet: (median ?? Number.NaN) <= targetMicros && (tail ?? Number.NaN) <= targetMicros,
  };
}
