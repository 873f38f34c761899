import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tokensPerSecond } from "./token-rate.ts";

const rate = (tokens: number, firstTokenAtMs: number | undefined, lastTokenAtMs: number) =>
  tokensPerSecond({ tokens, firstTokenAtMs, lastTokenAtMs, startedAtMs: 0 });

describe("the rate of a generation", () => {
  it("counts from the first token, so that a long prompt does not lower it", () => {
    assert.equal(rate(11, 5000, 6000), 10);
  });

  it("counts from the beginning when there is only one token", () => {
    assert.equal(rate(1, 500, 500), 2);
  });

  it("is zero without tokens", () => {
    assert.equal(rate(0, undefined, 0), 0);
  });

  it("is a finite number when all tokens come at once", () => {
    assert.equal(rate(3, 1000, 1000), 3);
    assert.equal(rate(3, 0, 0), 0);
  });
});
