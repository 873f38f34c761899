import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseKeyEnd } from "./parse-key-end.ts";
import { formatRate, parseRate } from "./parse-rate.ts";

describe("a rate", () => {
  it("is so many requests in a second, minute, hour or day", () => {
    assert.deepEqual(parseRate("60/min"), { limit: 60, window_seconds: 60 });
    assert.deepEqual(parseRate("10/s"), { limit: 10, window_seconds: 1 });
    for (const text of ["1000/h", "1/d", "60/min", "10/s"]) {
      const rate = parseRate(text);
      assert.equal(rate && formatRate(rate), text);
    }
    assert.equal(formatRate({ limit: 5, window_seconds: 90 }), "5/90s");
  });

  it("is nothing else", () => {
    for (const text of [
      "",
      "60",
      "60/",
      "/min",
      "60/minute",
      "0/s",
      "-1/s",
      "1.5/s",
      "1e9/s",
      "60 / min",
    ]) {
      assert.equal(parseRate(text), undefined, text);
    }
  });
});

describe("the end of a key", () => {
  it("is so long from now, whatever the clocks of the two machines show", () => {
    assert.deepEqual(parseKeyEnd("30d"), { expires_in_seconds: 2_592_000 });
    assert.deepEqual(parseKeyEnd("90min"), { expires_in_seconds: 5400 });
    assert.deepEqual(parseKeyEnd("12h"), { expires_in_seconds: 43_200 });
    assert.deepEqual(parseKeyEnd("2w"), { expires_in_seconds: 1_209_600 });
  });

  it("is a day and all of it, or a moment", () => {
    const unixOf = (date: Date) => ({ expires_unix: Math.floor(date.getTime() / 1000) });
    assert.deepEqual(parseKeyEnd("2026-12-31"), unixOf(new Date(2027, 0, 1)));
    assert.deepEqual(parseKeyEnd("2026-12-31T18:00"), unixOf(new Date(2026, 11, 31, 18)));
    assert.deepEqual(parseKeyEnd("2026-12-31T18:00:00Z"), { expires_unix: 1_798_740_000 });
  });

  it("is nothing else", () => {
    const wrong = [
      "",
      "0d",
      "-1d",
      "30",
      "d",
      "30 d",
      "30y",
      "2026-13-01",
      "2026-02-30",
      "31.12.2026",
      "999999999w",
      "tomorrow",
      "2026-12-31T99",
    ];
    for (const text of wrong) assert.equal(parseKeyEnd(text), undefined, text);
  });
});
