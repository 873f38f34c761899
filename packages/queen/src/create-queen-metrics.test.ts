import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createQueenMetrics } from "./create-queen-metrics.ts";
import type { MetricsSources } from "./create-queen-metrics.ts";
import { advanceTask, newTask } from "./domain/advance-task.ts";
import type { TaskChange } from "./domain/advance-task.ts";
import type { ViewNode } from "./domain/node-board.ts";
import type { OpenedTask } from "./flow/task-observer.ts";

function createExample(sources: Partial<MetricsSources> = {}) {
  const nothing = () => [];
  const metrics = createQueenMetrics({
    version: "0.1.0",
    listRunning: nothing,
    listKeys: nothing,
    listNodes: nothing,
    listWorkers: nothing,
    weightOf: () => 1,
    refresh: async () => {},
    ...sources,
  });
  const { registry } = metrics.metrics;
  const valueOf = async (name: string, labels: Readonly<Record<string, string>> = {}) => {
    const lines = (await registry.metrics()).split("\n");
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const line = lines.find(
      (text) => /^\w+/.exec(text)?.[0] === name && wanted.every((label) => text.includes(label)),
    );
    return line === undefined ? undefined : Number(line.split(" ").at(-1));
  };
  const runTask = (model: string, changes: readonly TaskChange[], tokens = 0) => {
    const task = { source: "bee", priority: "normal", traceparent: undefined } as const;
    const opened: OpenedTask = { id: model, model, ...task };
    const observer = metrics.observe(opened);
    let state = newTask(opened.id, model);
    for (const change of changes) {
      state = advanceTask(state, change);
      observer.onPhase(state, tokens);
      if (change.type === "inferring" && tokens > 0) observer.onFirstToken();
    }
  };
  return { metrics, valueOf, runTask };
}

const inferring = { type: "inferring", node: "mac", workerId: "worker-1" } as const;

describe("the metrics of tasks", () => {
  it("tell outcomes, and whose affair an error was", async () => {
    const { runTask, valueOf } = createExample();
    const tasks = "rbee_queen_tasks_total";
    assert.equal(await valueOf(tasks, { class: "capacity" }), 0, "there before the first");
    runTask("bee", [inferring, { type: "done" }], 5);
    runTask("bee", [{ type: "failed", errorCode: "QUEUE_FULL" }]);
    runTask("bee", [inferring, { type: "failed", errorCode: "SSE_CLOSED" }]);
    runTask("bee", [inferring, { type: "failed", errorCode: "made up by someone" }]);
    runTask("bee", [{ type: "cancelled" }]);
    assert.equal(await valueOf(tasks, { outcome: "done" }), 1);
    assert.equal(await valueOf(tasks, { outcome: "cancelled" }), 1);
    assert.equal(await valueOf(tasks, { class: "capacity" }), 1);
    assert.equal(await valueOf(tasks, { class: "fault" }), 2);
    assert.equal(await valueOf("rbee_queen_task_errors_total", { code: "SSE_CLOSED" }), 1);
    assert.equal(await valueOf("rbee_queen_task_errors_total", { code: "other" }), 1);
  });

  it("name a model only once a worker had it, and only so many of them", async () => {
    const { runTask, valueOf } = createExample();
    const tokens = "rbee_queen_relayed_tokens_total";
    runTask("nobody-has-this", [{ type: "failed", errorCode: "MODEL_NOT_FOUND" }]);
    for (let index = 0; index < 25; index += 1) {
      runTask(`model-${index}`, [inferring, { type: "done" }], 3);
    }
    assert.equal(await valueOf(tokens, { model: "nobody-has-this" }), undefined);
    assert.equal(await valueOf(tokens, { model: "model-0" }), 3);
    assert.equal(await valueOf(tokens, { model: "model-24" }), undefined);
    assert.equal(await valueOf(tokens, { model: "other" }), 15);
  });

  it("count the tokens of a task while it runs, and once", async () => {
    const state = advanceTask(newTask("1", "bee"), inferring);
    const running = [{ priority: "normal", state: () => state, tokens: () => 7 }] as const;
    const { valueOf } = createExample({ listRunning: () => running });
    assert.equal(await valueOf("rbee_queen_relayed_tokens_total", { model: "bee" }), 7);
    assert.equal(await valueOf("rbee_queen_relayed_tokens_total", { model: "bee" }), 7);
    assert.equal(await valueOf("rbee_queen_requests", { state: "running", node: "mac" }), 1);
  });

  it("tell a cold start from a warm one, and how long tasks of a priority waited", async () => {
    const { runTask, valueOf } = createExample();
    const first = "rbee_queen_time_to_first_token_seconds_count";
    runTask("bee", [{ type: "spawning", node: "mac" }, inferring, { type: "done" }], 2);
    runTask("bee", [{ type: "queued", position: 1 }, inferring, { type: "done" }], 2);
    assert.equal(await valueOf(first, { start: "cold", model: "bee" }), 1);
    assert.equal(await valueOf(first, { start: "warm", model: "bee" }), 1);
    assert.equal(await valueOf("rbee_queen_queue_wait_seconds_count", { priority: "normal" }), 1);
  });
});

describe("the metrics of nodes", () => {
  const mac: ViewNode = {
    name: "mac",
    status: "reachable",
    version: "0.1.0",
    devices: null,
    lastSeen: null,
    lastError: null,
    isHiveStopped: false,
  };

  it("say which node is not heard, and nothing of a hive that nobody needed yet", async () => {
    const nodes = (changes: Partial<ViewNode>) => [{ ...mac, ...changes }];
    const upOf = async (changes: Partial<ViewNode>) =>
      await createExample({ listNodes: () => nodes(changes) }).valueOf("rbee_queen_node_up");
    assert.equal(await upOf({}), 1);
    assert.equal(await upOf({ status: "unreachable" }), 0);
    assert.equal(await upOf({ status: "unreachable", isHiveStopped: true }), undefined);
    assert.equal(await upOf({ status: "unknown" }), undefined);
  });

  it("have crashes and evictions at nought before the first, then count them", async () => {
    const { metrics, valueOf } = createExample({ listNodes: () => [mac] });
    const crashes = async () => await valueOf("rbee_queen_worker_ends_total", { node: "mac" });
    const evictions = async () => await valueOf("rbee_queen_evictions_total", { node: "mac" });
    assert.deepEqual([await crashes(), await evictions()], [0, 0]);
    metrics.workerEnded("mac", "crashed");
    metrics.evicted("mac");
    assert.deepEqual([await crashes(), await evictions()], [1, 1]);
  });
});

describe("the metrics of keys", () => {
  it("never fall when old days are forgotten", async () => {
    let requests = 100;
    const { valueOf } = createExample({
      listKeys: () => [
        { id: "key-1", name: "laptop", requests, promptTokens: 0, generatedTokens: 0 },
      ],
    });
    const read = async () => await valueOf("rbee_queen_key_requests_total", { key: "laptop" });
    assert.equal(await read(), 100);
    requests = 40;
    assert.equal(await read(), 100);
    requests = 45;
    assert.equal(await read(), 105);
  });
});
