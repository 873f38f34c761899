import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatShortDuration } from "./format-short-duration.ts";

describe("a duration that may be short", () => {
  it("is told to the millisecond below a second, to a tenth below ten", () => {
    const told = [-3, 0, 12.4, 999, 1000, 3449, 10_000, 125_000].map(formatShortDuration);
    assert.deepEqual(told, ["0 ms", "0 ms", "12 ms", "999 ms", "1.0 s", "3.4 s", "10 s", "2 min"]);
  });
});
