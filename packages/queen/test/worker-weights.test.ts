import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorOf, openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

const model = "hello-bee";

async function spawn({ queen }: QueenInBox): Promise<string> {
  for await (const event of await queen.stream("spawnWorker", { body: { model } })) {
    if (event.type === "done" && "worker" in event) return event.worker.worker_id;
  }
  throw new Error("no worker");
}

async function weightsOf({ queen }: QueenInBox): Promise<Map<string, number | undefined>> {
  const { workers } = await queen.call("listWorkers");
  return new Map(workers.map((worker) => [worker.worker_id, worker.weight]));
}

describe("a worker that fails at once", () => {
  it("always looks free, and still gets only a few of many requests", async () => {
    await using box = await openQueen({
      script: ["--fail-at-token", "0"],
      settings: { worker: { slots: 1 } },
    });
    const failing = await spawn(box);
    box.script([]);
    const working = await spawn(box);
    assert.notEqual(failing, working);
    let failed = 0;
    let left = 40;
    // Four clients, each with one request after the other.
    const client = async () => {
      for (; left > 0;) {
        left -= 1;
        const last = (await box.ask({ model }).ended).at(-1);
        if (last?.type === "error") failed += 1;
      }
    };
    await Promise.all([client(), client(), client(), client()]);
    const weights = await weightsOf(box);
    assert.ok(failed >= 1, "it was used while nothing was known of it");
    assert.ok(failed <= 6, `${failed} of 40 failed`);
    assert.ok((weights.get(failing) ?? 1) < 0.5, JSON.stringify([...weights]));
    assert.equal(weights.get(working), 1);
  });

  it("is used all the same when there is no other", async () => {
    await using box = await openQueen({ script: ["--fail-at-token", "3"] });
    const failing = await spawn(box);
    for (let count = 0; count < 4; count += 1) {
      assert.equal(errorOf(await box.ask({ model }).ended).code, "INFERENCE_FAILED");
    }
    assert.ok(((await weightsOf(box)).get(failing) ?? 1) < 0.1);
  });
});
