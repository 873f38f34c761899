import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { workerWeights } from "@rbee/contract";
import {
  advanceWeight,
  isAtFloor,
  isOnProbation,
  isWorkerFailure,
  weightAt,
} from "./worker-weight.ts";
import type { WorkerWeight } from "./worker-weight.ts";

const failure = { isFailure: true, durationMs: 5 };
const success = { isFailure: false, durationMs: 5 };

function failTimes(count: number, nowMs = 0): WorkerWeight {
  let state = advanceWeight(undefined, failure, nowMs);
  for (let index = 1; index < count; index += 1) state = advanceWeight(state, failure, nowMs);
  return state;
}

describe("the weight of a worker", () => {
  it("is full until something fails", () => {
    assert.equal(weightAt(undefined, 0), 1);
    assert.equal(advanceWeight(undefined, success, 0).weight, 1);
  });

  it("falls to the floor with two fast failures, or with four slow ones", () => {
    assert.ok(!isAtFloor(failTimes(1).weight));
    assert.ok(isAtFloor(failTimes(2).weight));
    const slow = { isFailure: true, durationMs: 30_000 };
    let state: WorkerWeight | undefined;
    const weights = [1, 2, 3, 4].map(() => {
      state = advanceWeight(state, slow, 0);
      return state.weight;
    });
    assert.deepEqual(weights, [0.5, 0.25, 0.125, 0.0625]);
  });

  it("is tried again after a pause that doubles with each failure in a row, up to a limit", () => {
    for (const [failures, pauseMs] of [
      [2, 4000],
      [3, 8000],
      [20, workerWeights.probeWaitMaxMs],
    ] as const) {
      const state = failTimes(failures);
      assert.ok(isAtFloor(weightAt(state, pauseMs - 1)), `${failures} failures, before`);
      const weight = weightAt(state, pauseMs + 100);
      assert.ok(!isAtFloor(weight), `${failures} failures, after`);
      assert.ok(isOnProbation(weight));
    }
  });

  it("comes back by success, and by time alone", () => {
    let state = failTimes(5);
    for (let index = 0; index < 4; index += 1) state = advanceWeight(state, success, 0);
    assert.ok(state.weight > 0.9);
    assert.equal(state.failuresInRow, 0);
    assert.ok(weightAt(failTimes(5), 10 * 60_000) > 0.99);
  });

  it("stays between the floor and one, whatever happens", () => {
    const step = fc.record({
      isFailure: fc.boolean(),
      durationMs: fc.nat(100_000),
      pauseMs: fc.nat(200_000),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let state: WorkerWeight | undefined;
        let nowMs = 0;
        for (const { pauseMs, ...outcome } of steps) {
          nowMs += pauseMs;
          const before = weightAt(state, nowMs);
          state = advanceWeight(state, outcome, nowMs);
          assert.ok(state.weight >= workerWeights.floor && state.weight <= 1);
          if (outcome.isFailure) assert.ok(state.weight <= before);
          else assert.ok(state.weight >= before);
        }
      }),
    );
  });

  it("does not suffer from what the client did", () => {
    assert.ok(isWorkerFailure("INFERENCE_FAILED"));
    for (const code of ["REQUEST_CANCELED", "CONTEXT_EXCEEDED", "INVALID_REQUEST", "QUEUE_FULL"]) {
      assert.ok(!isWorkerFailure(code), code);
    }
  });
});
