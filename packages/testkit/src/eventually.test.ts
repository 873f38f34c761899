import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually, remains } from "./eventually.ts";

describe("eventually", () => {
  it("gives the first value that is there", async () => {
    let looks = 0;
    const value = await eventually(() => (looks++ < 2 ? undefined : looks), { intervalMs: 1 });
    assert.equal(value, 3);
  });

  it("takes zero and the empty text for values", async () => {
    assert.equal(await eventually(() => 0), 0);
    assert.equal(await eventually(() => ""), "");
  });

  it("says what it waited for and what it saw last when time is up", async () => {
    const waiting = eventually(() => false, {
      timeoutMs: 5,
      intervalMs: 1,
      what: "an idle worker",
    });
    await assert.rejects(waiting, /an idle worker did not come within 5 ms; last seen: false/);
  });

  it("takes a probe that throws for one that has nothing yet, and keeps the cause", async () => {
    const cause = new Error("refused");
    const probe = () => {
      throw cause;
    };
    await assert.rejects(eventually(probe, { timeoutMs: 5, intervalMs: 1 }), { cause });
  });
});

describe("remains", () => {
  it("ends quietly when the condition held all the time", async () => {
    await remains(() => true, { forMs: 5 });
  });

  it("throws as soon as the condition holds no longer", async () => {
    let looks = 0;
    const breaking = remains(() => looks++ === 0, { forMs: 1000, what: "the peace" });
    await assert.rejects(breaking, /the peace held no longer/);
  });
});
