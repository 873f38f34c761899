import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeKeyLimits } from "./describe-key-limits.ts";

const none = { models: null, rate: null, expires_unix: null, priority: "normal" } as const;

describe("the limits of a key", () => {
  it("are none when there are none", () => {
    assert.deepEqual(describeKeyLimits(none, 0), ["no limits"]);
  });

  it("are said each in a phrase", () => {
    const rate = { limit: 60, window_seconds: 60 };
    const key = { ...none, models: ["a", "b"], rate, expires_unix: 120, priority: "low" } as const;
    assert.deepEqual(describeKeyLimits({ ...key, models: ["a", "b"] }, 0), [
      "only a, b",
      "60 requests per minute",
      "expires in 2 min",
      "low priority",
    ]);
    assert.deepEqual(describeKeyLimits({ ...none, rate: { limit: 5, window_seconds: 90 } }, 0), [
      "5 requests in 90 s",
    ]);
    assert.deepEqual(describeKeyLimits({ ...none, expires_unix: 1 }, 5000), ["expired"]);
  });
});
