import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Task } from "./is-open-task.ts";
import { planWaterfall } from "./plan-waterfall.ts";

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const task: Task = {
  task_id: "task-1",
  phase: "done",
  model: "hello-bee",
  node: "mac",
  worker_id: "worker-1",
  tokens: 3,
  tokens_per_sec: 1,
  queue_position: null,
  estimated_wait_s: null,
  started_at: at(0),
  ended_at: at(1000),
  error_code: null,
};

describe("where the time of a request went", () => {
  it("is one bar for each phase, and the answer is two: before its first token and after", () => {
    const phases = [
      { phase: "placing", at: at(0) },
      { phase: "loading", at: at(100) },
      { phase: "inferring", at: at(400) },
      { phase: "done", at: at(1000) },
    ] as const;
    assert.deepEqual(planWaterfall({ ...task, phases: [...phases], first_token_at: at(600) }, 0), [
      { label: "Choosing where", beginMs: 0, lengthMs: 100 },
      { label: "Loading the model", beginMs: 100, lengthMs: 300 },
      { label: "Reading the prompt", beginMs: 400, lengthMs: 200 },
      { label: "Writing the answer", beginMs: 600, lengthMs: 400 },
    ]);
  });

  it("grows with the clock while the request runs, and never backwards", () => {
    const open: Task = {
      ...task,
      phase: "queued",
      ended_at: null,
      phases: [
        { phase: "placing", at: at(0) },
        { phase: "queued", at: at(50) },
      ],
    };
    const [, waiting] = planWaterfall(open, Date.parse(at(850)));
    assert.deepEqual(waiting, { label: "Waiting in the queue", beginMs: 50, lengthMs: 800 });
    // The clock of this browser may be behind that of the queen.
    assert.deepEqual(
      planWaterfall(open, Date.parse(at(-5000))).map(({ label }) => label),
      ["Choosing where"],
    );
  });

  it("leaves out what took no time, and knows nothing of an older queen's requests", () => {
    const phases = [
      { phase: "placing", at: at(0) },
      { phase: "failed", at: at(0) },
    ] as const;
    const failed = { ...task, ended_at: at(0), phases: [...phases] };
    assert.deepEqual(planWaterfall(failed, 0), []);
    assert.deepEqual(planWaterfall(task, 0), []);
  });
});
