import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgePriority } from "./judge-priority.ts";

describe("the priority of a task", () => {
  it("is what was asked for, up to the highest of the key", () => {
    assert.equal(judgePriority("high", "high"), "high");
    assert.equal(judgePriority("low", "high"), "low");
    assert.equal(judgePriority("high", "normal"), undefined);
    assert.equal(judgePriority("normal", "low"), undefined);
  });

  it("is normal when nobody says, or as low as the key", () => {
    assert.equal(judgePriority(undefined, "high"), "normal");
    assert.equal(judgePriority(undefined, "normal"), "normal");
    assert.equal(judgePriority(undefined, "low"), "low");
  });
});
