import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { advanceTaskTime, estimateWaitMs, retryAfterSeconds } from "./estimate-wait.ts";

describe("the estimate of a wait", () => {
  it("grows with the position and shrinks with the slots", () => {
    assert.equal(estimateWaitMs({ position: 1, slots: 1, taskMs: 2000 }), 2000);
    assert.equal(estimateWaitMs({ position: 10, slots: 4, taskMs: 2000 }), 5000);
  });

  it("is not given while nothing was measured or nothing serves the model", () => {
    assert.equal(estimateWaitMs({ position: 1, slots: 1, taskMs: undefined }), undefined);
    assert.equal(estimateWaitMs({ position: 1, slots: 0, taskMs: 2000 }), undefined);
  });

  it("follows what tasks took lately", () => {
    let known = advanceTaskTime(undefined, 1000);
    assert.equal(known, 1000);
    for (let count = 0; count < 50; count += 1) known = advanceTaskTime(known, 3000);
    assert.ok(known > 2900 && known < 3000);
  });

  it("tells a client to come back in whole seconds, at least one, at most the longest wait", () => {
    assert.equal(retryAfterSeconds(1400), 2);
    assert.equal(retryAfterSeconds(10), 1);
    assert.equal(retryAfterSeconds(undefined), 1);
    assert.equal(retryAfterSeconds(10_000_000), 300);
  });
});
