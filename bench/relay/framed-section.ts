import { measureCosts } from "./cost-rows.ts";
import { measureLatency } from "./latency-rows.ts";
import { openRelayStage } from "./relay-stage.ts";
import { ensureBundle } from "../ensure-bundle.ts";
import type { Section } from "../section.ts";

/** A worker that makes the tokens of all its slots in one step, and sends them in one piece. */
export const framedSection: Section = {
  name: "relay-framed",
  summary: "the same where the worker's streams share a connection and come in step",
  limitMs: 900_000,
  async run(bench) {
    const stage = await openRelayStage(bench, {
      installationRoot: ensureBundle(bench.tell),
      tokenMs: 50,
      streamsMax: 200,
      script: ["--in-step", "--offer-frames"],
    });
    return [
      ...(await measureCosts({ bench, stage, shareOfNginxMin: 0.5 })),
      ...(await measureLatency({ bench, stage, streams: 100 })),
    ];
  },
};
