import { measureLatency } from "./latency-rows.ts";
import { measureMemory } from "./memory-rows.ts";
import { openRelayStage } from "./relay-stage.ts";
import { ensureBundle } from "../ensure-bundle.ts";
import type { Section } from "../section.ts";

const streams = 1000;

/** A thousand streams, each of them slower. */
export const crowdSection: Section = {
  name: "relay-crowd",
  summary: `${streams} streams at once: latency, and memory of each open stream`,
  limitMs: 900_000,
  async run(bench) {
    const installationRoot = ensureBundle(bench.tell);
    const slow = { installationRoot, tokenMs: 250, streamsMax: streams };
    const stage = await openRelayStage(bench, slow);
    return [
      ...(await measureMemory(bench, stage, streams)),
      ...(await measureLatency({ bench, stage, streams })),
    ];
  },
};
