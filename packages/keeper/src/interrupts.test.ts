import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createInterrupts } from "./interrupts.ts";

describe("Ctrl+C", () => {
  it("asks the first time and leaves the second time", () => {
    let left = 0;
    const interrupts = createInterrupts(() => (left += 1));
    interrupts.press();
    assert.equal(interrupts.signal.aborted, true);
    assert.equal(interrupts.cause(), "interrupted");
    assert.equal(left, 0);
    interrupts.press();
    assert.equal(left, 1);
  });

  it("stops only the answer while somebody has taken it over, and leaves the second time", () => {
    let left = 0;
    let stopped = 0;
    const interrupts = createInterrupts(() => (left += 1));
    const release = interrupts.takeOver(() => (stopped += 1));
    interrupts.press();
    assert.deepEqual([stopped, left, interrupts.signal.aborted], [1, 0, false]);
    interrupts.press();
    assert.equal(left, 1);
    release();
    interrupts.press();
    assert.equal(interrupts.cause(), "interrupted");
  });

  it("keeps the first cause", () => {
    const interrupts = createInterrupts(() => {});
    interrupts.raise("output-closed");
    interrupts.raise("interrupted");
    assert.equal(interrupts.cause(), "output-closed");
  });
});
