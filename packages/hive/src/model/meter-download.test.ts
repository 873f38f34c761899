import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgressEvent } from "@rbee/contract";
import { meterDownload } from "./meter-download.ts";

const at = (bytes: number): ProgressEvent => ({
  type: "progress",
  stage: "downloading",
  bytes_downloaded: bytes,
  bytes_total: 100,
  speed_mbps: 1,
  eta_seconds: null,
});

function createMeter() {
  const counted: string[] = [];
  const counters = {
    begun: () => counted.push("begun"),
    received: (bytes: number) => counted.push(`+${bytes}`),
    ended: (outcome: string) => counted.push(outcome),
  };
  return { counted, counters };
}

const quiet = { onProgress: () => {}, signal: new AbortController().signal };

describe("the meter of downloads", () => {
  it("counts the bytes that came now, not those of an earlier attempt, and never backwards", async () => {
    const { counted, counters } = createMeter();
    const result = await meterDownload(counters, quiet, async (tell) => {
      for (const bytes of [40, 60, 50, 100]) tell(at(bytes));
      return "model";
    });
    assert.equal(result, "model");
    assert.deepEqual(counted, ["begun", "+20", "+50", "done"]);
  });

  it("counts nothing for a model that needs no network", async () => {
    const { counted, counters } = createMeter();
    await meterDownload(counters, quiet, async (tell) => {
      tell({ type: "progress", stage: "complete", local_path: "/models/bee.gguf" });
    });
    assert.deepEqual(counted, []);
  });

  it("tells a failure from a cancel, and passes both on", async () => {
    const { counted, counters } = createMeter();
    const fail = async (tell: (progress: ProgressEvent) => void) => {
      tell(at(0));
      throw new Error("reset");
    };
    await assert.rejects(meterDownload(counters, quiet, fail), /reset/);
    const aborted = { ...quiet, signal: AbortSignal.abort() };
    await assert.rejects(meterDownload(counters, aborted, fail), /reset/);
    assert.deepEqual(counted, ["begun", "failed", "begun", "cancelled"]);
  });
});
