import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { residencyBoundMs, simulateDay } from "../../../bench/simulation/simulate-day.ts";

// A small house for an hour or two, on the real queue, placement, eviction, view and weights. Keys
// differ in how much they ask for at a time, in how long their answers are and in what they say of
// that; nodes fail and come back; rare models have to make room for each other.
const house = {
  requests: 6000,
  nodes: 12,
  popularModels: 2,
  rareModels: 24,
  rareNodes: 4,
  busyKeys: 8,
  otherKeys: 60,
  failures: true,
};

describe("a simulated day", () => {
  for (const seed of [1, 2, 3]) {
    it(`is fair, lets nobody starve and does not thrash (seed ${seed})`, () => {
      const report = simulateDay({ ...house, seed });
      const { servedByKey: _servedByKey, ...shown } = report;
      const figures = JSON.stringify(shown);
      assert.ok(report.jain >= 0.95, figures);
      assert.ok(report.longestGapMs <= 300_000, figures);
      assert.ok(report.longestWaitMs <= 300_000, figures);
      assert.ok(report.evictions > 0, figures);
      assert.ok(report.shortestResidencyMs >= residencyBoundMs, figures);
      assert.equal(report.refused, 0, figures);
      // A worker that fails at once is tried now and then, and no more.
      assert.ok(report.failed <= report.requests * 0.02, figures);
    });
  }
});
