import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timings } from "@rbee/contract";
import { buildFacts, buildNode, buildWorker } from "../domain/placement-fixture.ts";
import type { BuiltNode } from "../domain/placement-fixture.ts";
import { waitForRoom } from "./wait-for-room.ts";

async function wait(change: Partial<BuiltNode>, signal = new AbortController().signal) {
  const facts = buildFacts({ nodes: [buildNode(change)] });
  const record = { state: () => ({ node: "localhost" }) as never };
  const startedAt = performance.now();
  const isTaken = await waitForRoom({ view: { facts: () => facts } }, record, signal);
  return { isTaken, waitedMs: performance.now() - startedAt };
}

describe("a node that had less room than it had said", () => {
  it("is asked again after a moment while others are there, or come up", async () => {
    const making = { taskId: "t", key: "k", isEvicting: false };
    for (const change of [{ workers: [buildWorker()] }, { makings: new Set([making]) }]) {
      const { isTaken, waitedMs } = await wait(change);
      assert.equal(isTaken, true);
      assert.ok(waitedMs >= timings.roomPauseMs - 5, `${waitedMs} ms`);
    }
  });

  it("is not waited for where nobody is who could go", async () => {
    const { isTaken, waitedMs } = await wait({});
    assert.equal(isTaken, false);
    assert.ok(waitedMs < timings.roomPauseMs);
  });

  it("is waited for no longer than its client waits", async () => {
    const { waitedMs } = await wait({ workers: [buildWorker()] }, AbortSignal.abort());
    assert.ok(waitedMs < timings.roomPauseMs);
  });
});
