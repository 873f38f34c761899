import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  describeCapabilities,
  describeIdle,
  describeStop,
  describeTrouble,
} from "./describe-worker.ts";
import type { Worker } from "./describe-worker.ts";

const worker: Worker = {
  worker_id: "worker-1",
  node: "mac",
  url: null,
  state: "idle",
  model_ref: "hello-bee",
  backend: "cpu",
  device: 0,
  slots_total: 4,
  slots_available: 4,
  memory_bytes: 1,
  last_activity: "2026-01-01T00:00:00.000Z",
  pid: 1,
};
const can = {
  generation: true,
  chat: true,
  tools: "hermes",
  embeddings: false,
  rerank: false,
  vision: false,
} as const;

describe("a worker in words", () => {
  it("says how long nobody has used it, and only then", () => {
    const nowMs = Date.parse("2026-01-01T00:02:00.000Z");
    assert.equal(describeIdle(worker, nowMs), "2 min");
    assert.equal(describeIdle({ ...worker, state: "busy" }, nowMs), "");
    assert.equal(describeIdle({ ...worker, last_activity: null }, nowMs), "");
  });

  it("tells of restarts and lost trust, and nothing of one that is fine", () => {
    assert.deepEqual(describeTrouble({ ...worker, weight: 1, restart_count: 0 }), []);
    assert.deepEqual(describeTrouble({ ...worker, weight: 0.25, restart_count: 2 }), [
      "restarted 2 times",
      "gets 25 % of its share: it failed lately",
    ]);
    assert.deepEqual(describeTrouble({ ...worker, restart_count: 1 }), ["restarted once"]);
  });

  it("says what its model can do", () => {
    assert.equal(describeCapabilities({ ...worker, capabilities: can }), "chat, tools");
    const reads = { ...can, generation: false, chat: false, tools: null, embeddings: true };
    assert.equal(describeCapabilities({ ...worker, capabilities: reads }), "embeddings");
    assert.equal(describeCapabilities(worker), "");
  });

  it("says before a stop what happens to the requests that run", () => {
    assert.match(describeStop(worker, "1 GB"), /answers nobody now\. It gives 1 GB/);
    const busy = describeStop({ ...worker, slots_available: 3 }, "1 GB");
    assert.match(busy, /answers 1 request now.*may finish, for up to \d+ s.*cut off/);
  });
});
