import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { workerStates } from "@rbee/contract";
import type { WorkerState } from "@rbee/contract";
import fc from "fast-check";
import { advance, isReady } from "./worker-state.ts";
import type { WorkerHappening } from "./worker-state.ts";

const happenings: readonly WorkerHappening[] = [
  "listening",
  "loaded",
  "all-slots-taken",
  "slot-free",
  "drain",
  "failed",
  "stopped",
];
const story = (...told: WorkerHappening[]) => told.reduce<WorkerState>(advance, "starting");
const anyStory = fc.array(fc.constantFrom(...happenings), { maxLength: 20 });

describe("the state of a worker", () => {
  it("goes from its first breath to idle", () => {
    assert.equal(story("listening"), "loading");
    assert.equal(story("listening", "loaded"), "idle");
  });

  it("is busy only while every slot is taken", () => {
    assert.equal(story("listening", "loaded", "all-slots-taken"), "busy");
    assert.equal(story("listening", "loaded", "all-slots-taken", "slot-free"), "idle");
    assert.equal(story("listening", "loaded", "slot-free"), "idle");
  });

  it("drains from wherever it is, also while it loads", () => {
    assert.equal(story("listening", "drain", "loaded"), "draining");
    assert.equal(story("listening", "loaded", "drain", "all-slots-taken"), "draining");
    assert.equal(story("listening", "loaded", "drain", "stopped"), "stopped");
  });

  it("ends with an error when the model cannot be loaded", () => {
    assert.equal(story("listening", "failed"), "error");
    assert.equal(story("listening", "failed", "loaded"), "error");
  });

  it("takes no request again once it drains, stops or fails, whatever happens", () => {
    fc.assert(
      fc.property(anyStory, anyStory, (before, after) => {
        const left = ["drain", "stopped", "failed"] as const;
        for (const happening of left) {
          const state = [...before, happening, ...after].reduce<WorkerState>(advance, "starting");
          assert.ok(!isReady(state));
        }
      }),
    );
  });

  it("stays stopped, and is always one of the states of the contract", () => {
    fc.assert(
      fc.property(anyStory, (told) => {
        assert.ok(workerStates.includes(told.reduce<WorkerState>(advance, "starting")));
        assert.equal(told.reduce<WorkerState>(advance, "stopped"), "stopped");
      }),
    );
  });
});
