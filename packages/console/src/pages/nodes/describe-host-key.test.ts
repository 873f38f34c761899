import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ShownHostKey } from "@rbee/contract";
import { describeHostKey } from "./describe-host-key.ts";

describe("words about a host key", () => {
  it("differ for each way in which it may be known, and warn of one that changed", () => {
    const all = ShownHostKey.shape.known.options.map((known) => ({
      known,
      ...describeHostKey({ known }),
    }));
    assert.equal(new Set(all.map(({ title }) => title)).size, all.length);
    const warnings = all.filter(({ isWarning }) => isWarning).map(({ known }) => known);
    assert.deepEqual(warnings, ["changed"]);
  });
});
