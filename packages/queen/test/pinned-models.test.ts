// Pinned models keep their workers when everybody else's are stopped for being idle. That they are
// not stopped for others either is shown where memory is short: eviction.test.ts.
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually, remains } from "@rbee/testkit";
import { openQueen } from "./scripted-queen-fixture.ts";

const idleSeconds = 0.6;

describe("a worker of a pinned model", () => {
  it("is not stopped for being idle, whoever had it made; others are", async () => {
    const timeouts = { idle_worker: idleSeconds, idle_check: 0.1 };
    const settings = { timeouts, queen: { pinned: "bee" }, aliases: { bee: "hello-bee" } };
    await using cluster = await openQueen({ script: ["--layers", "1"], settings });
    const { box, queen } = cluster;
    const other = join(box.root, "other.gguf");
    copyFileSync(join(box.installation.models, "hello-bee/hello-bee-3m-q8_0.gguf"), other);
    const workers = async () => (await queen.call("listWorkers", { query: {} })).workers;
    await cluster.ask({ model: "hello-bee", max_tokens: 1 }).ended;
    const body = { model: "bee", slots: 2 };
    for await (const event of await queen.stream("spawnWorker", { body })) {
      assert.notEqual(event.type, "error", JSON.stringify(event));
    }
    const pinned = (await workers()).map(({ worker_id: id }) => id);
    assert.equal(pinned.length, 2);
    const events = await cluster.ask({ model: `file:${other}`, max_tokens: 1 }).ended;
    assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.at(-1)));
    await eventually(async () => (await workers()).length === 2, {
      what: "the end of the idle one",
    });
    const areThere = async () => {
      const ids = (await workers()).map(({ worker_id: id }) => id);
      return pinned.every((id) => ids.includes(id));
    };
    // All of it is idle time: the one that went was used last.
    await remains(areThere, { forMs: idleSeconds * 1000 * 2, what: "the pinned workers" });
  });
});
