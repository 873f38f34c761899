import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { taskPhases } from "@rbee/contract";
import { advanceTask, isEnded, newTask } from "./advance-task.ts";
import type { TaskChange } from "./advance-task.ts";

const coldRoad: readonly TaskChange[] = [
  { type: "starting-hive", node: "localhost" },
  { type: "spawning", node: "localhost" },
  { type: "downloading" },
  { type: "loading" },
  { type: "placing" },
  { type: "inferring", node: "localhost", workerId: "w1" },
  { type: "done" },
];

describe("a task", () => {
  it("goes through the phases of a cold start and keeps where it runs", () => {
    const states = coldRoad.map(
      (
        (state) => (change: TaskChange) =>
          (state = advanceTask(state, change))
      )(newTask("t1", "hello-bee")),
    );
    assert.deepEqual(
      states.map(({ phase }) => phase),
      coldRoad.map(({ type }) => type),
    );
    assert.deepEqual(states.at(-1), {
      id: "t1",
      model: "hello-bee",
      phase: "done",
      node: "localhost",
      workerId: "w1",
      queuePosition: null,
      estimatedWaitMs: null,
      errorCode: null,
    });
  });

  it("has a position only while it waits", () => {
    const queued = advanceTask(newTask("t1", "m"), { type: "queued", position: 3 });
    assert.equal(queued.queuePosition, 3);
    assert.equal(advanceTask(queued, { type: "placing" }).queuePosition, null);
  });

  it("does not change any more once it has ended", () => {
    for (const end of [
      { type: "done" },
      { type: "failed", errorCode: "SSE_CLOSED" },
      { type: "cancelled" },
    ] as const) {
      const ended = advanceTask(newTask("t1", "m"), end);
      assert.ok(isEnded(ended));
      for (const change of coldRoad) assert.equal(advanceTask(ended, change), ended);
    }
  });

  it("knows a change for every phase of the contract", () => {
    const reached = new Set<string>([
      ...coldRoad.map(({ type }) => type),
      "queued",
      "failed",
      "cancelled",
    ]);
    assert.deepEqual([...taskPhases].toSorted(), [...reached].toSorted());
  });
});
