import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseDeadline } from "./choose-deadline.ts";

const nowMs = 1_000_000;
const defaultTimeoutMs = 300_000;
const deadline = (headerMs?: number, timeoutMs?: number) =>
  chooseDeadline({ nowMs, headerMs, timeoutMs, defaultTimeoutMs });

describe("the deadline of a request", () => {
  it("is ours when the request says nothing", () => {
    assert.equal(deadline(), nowMs + defaultTimeoutMs);
  });

  it("is the earlier one of what header and field say", () => {
    assert.equal(deadline(nowMs + 5000, 9000), nowMs + 5000);
    assert.equal(deadline(nowMs + 9000, 5000), nowMs + 5000);
  });

  it("may be later than ours when the request says so", () => {
    assert.equal(deadline(undefined, 600_000), nowMs + 600_000);
    assert.equal(deadline(nowMs + 600_000), nowMs + 600_000);
  });
});
