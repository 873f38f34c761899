import { measureCosts } from "./cost-rows.ts";
import { measureLatency } from "./latency-rows.ts";
import { openRelayStage } from "./relay-stage.ts";
import { ensureBundle } from "../ensure-bundle.ts";
import type { Section } from "../section.ts";

/** What the queen costs and how long she holds a token, on its way from a worker to a client. */
export const relaySection: Section = {
  name: "relay",
  summary: "tokens through the queen, against nginx, a bare Node pipe and the worker itself",
  limitMs: 900_000,
  async run(bench) {
    const installationRoot = ensureBundle(bench.tell);
    const plain = { installationRoot, tokenMs: 50, streamsMax: 200 };
    const stage = await openRelayStage(bench, plain);
    return [
      ...(await measureCosts({ bench, stage, shareOfNginxMin: 0.35 })),
      ...(await measureLatency({ bench, stage, streams: 1 })),
      ...(await measureLatency({ bench, stage, streams: 100, maxMs: { median: 1, tail: 5 } })),
    ];
  },
};
