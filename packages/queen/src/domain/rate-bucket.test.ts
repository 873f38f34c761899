import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { takeTurn } from "./rate-bucket.ts";
import type { Bucket, Rate } from "./rate-bucket.ts";

const sixtyAMinute: Rate = { limit: 60, windowSeconds: 60 };

/** Asks at each of these times; tells which requests were allowed. */
function ask(rate: Rate, timesMs: readonly number[]): readonly boolean[] {
  let bucket: Bucket | undefined;
  return timesMs.map((atMs) => {
    const turn = takeTurn(rate, bucket, atMs);
    ({ bucket } = turn);
    return turn.isAllowed;
  });
}

describe("the rate of a key", () => {
  it("lets the whole limit come at once, and not one more", () => {
    const allowed = ask(sixtyAMinute, Array<number>(61).fill(0));
    assert.deepEqual(allowed, [...Array<boolean>(60).fill(true), false]);
  });

  it("says exactly how long to wait: a moment earlier is refused, then it is allowed", () => {
    let turn = takeTurn({ limit: 1, windowSeconds: 10 }, undefined, 0);
    assert.deepEqual([turn.isAllowed, turn.remaining, turn.waitMs], [true, 0, 10_000]);
    turn = takeTurn({ limit: 1, windowSeconds: 10 }, turn.bucket, 4000);
    assert.deepEqual([turn.isAllowed, Math.round(turn.waitMs)], [false, 6000]);
    assert.equal(takeTurn({ limit: 1, windowSeconds: 10 }, turn.bucket, 9999).isAllowed, false);
    assert.equal(takeTurn({ limit: 1, windowSeconds: 10 }, turn.bucket, 10_000).isAllowed, true);
  });

  it("takes nothing for what it refuses, however often somebody asks", () => {
    const often = Array.from({ length: 1001 }, (_value, index) => index);
    const allowed = ask({ limit: 2, windowSeconds: 1 }, often);
    // Two at once, then one for each half of a second.
    assert.equal(allowed.filter(Boolean).length, 4);
    assert.deepEqual([allowed[499], allowed[500], allowed[1000]], [false, true, true]);
  });

  it("never lets more than the limit and what filled meanwhile through", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const rate = { limit: 3 + seed, windowSeconds: seed };
      let state = seed * 7919;
      let atMs = 0;
      const times = Array.from({ length: 3000 }, () => {
        state = (state * 48_271) % 2_147_483_647;
        return (atMs += state % 120);
      });
      const count = ask(rate, times).filter(Boolean).length;
      const most = rate.limit + (atMs * rate.limit) / (rate.windowSeconds * 1000);
      assert.ok(count <= most + 1 && count > most * 0.9, `${count} of ${most}, seed ${seed}`);
    }
  });

  it("is full again after its window, and never more than full", () => {
    const [first] = [takeTurn(sixtyAMinute, undefined, 0)];
    assert.equal(first.resetMs, 1000);
    assert.equal(takeTurn(sixtyAMinute, first.bucket, 3_600_000).remaining, 59);
    // A clock that stands still or goes back fills nothing.
    assert.equal(takeTurn(sixtyAMinute, first.bucket, -50).remaining, 58);
  });
});
