import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createTaskQueue, retryAfterSeconds } from "./task-queue.ts";

const sources = fc.constantFrom("ann", "bob", "cem", "dee");
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("add" as const), source: sources }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("serve" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("leave" as const), pick: fc.nat() }) },
);
const limit = 12;

interface Added {
  readonly taskId: string;
  readonly source: string;
}

// Plays the steps against a queue and hands every task that is served to `onServe`.
function play(
  steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
  onServe: (task: Added, waiting: readonly Added[]) => void,
) {
  const queue = createTaskQueue(limit);
  let count = 0;
  let waiting: Added[] = [];
  for (const action of steps) {
    if (action.type === "add") {
      const task = { taskId: `t${count}`, source: action.source };
      count += 1;
      const isIn = queue.add({ ...task, sinceMs: count });
      assert.equal(isIn, waiting.length < limit);
      if (isIn) waiting.push(task);
    } else {
      const order = queue.order();
      const chosen = action.type === "serve" ? order[0] : order[action.pick % (order.length || 1)];
      if (chosen === undefined) continue;
      if (action.type === "serve") {
        onServe(chosen, waiting);
        queue.take(chosen.taskId);
      } else queue.remove(chosen.taskId);
      waiting = waiting.filter((task) => task.taskId !== chosen.taskId);
    }
    assert.equal(queue.length(), waiting.length);
    assert.ok(queue.length() <= limit);
    assert.deepEqual(
      queue
        .order()
        .map(({ taskId }) => taskId)
        .toSorted(),
      waiting.map(({ taskId }) => taskId).toSorted(),
    );
  }
}

describe("the queue of a model", () => {
  it("is never longer than its limit, and never loses a task", () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 120 }), (steps) => play(steps, () => {})));
  });

  it("serves the tasks of one source in the order in which they came", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) =>
        play(steps, (task, waiting) => {
          const first = waiting.find(({ source }) => source === task.source);
          assert.equal(task.taskId, first?.taskId);
        }),
      ),
    );
  });

  it("lets nobody be served twice while another source waits all the time", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const servedSince = new Map<string, Set<string>>();
        play(steps, (task, waiting) => {
          const present = new Set(waiting.map(({ source }) => source));
          for (const source of servedSince.keys()) {
            if (!present.has(source)) servedSince.delete(source);
          }
          for (const source of present) {
            if (source === task.source) continue;
            const served = servedSince.get(source) ?? new Set();
            assert.ok(!served.has(task.source), `${task.source} twice while ${source} waits`);
            servedSince.set(source, served.add(task.source));
          }
          servedSince.delete(task.source);
        });
      }),
    );
  });

  it("gives a task whose turn came to nothing its old place, even when the queue is full", () => {
    const queue = createTaskQueue(2);
    const [first, second, third] = [1, 2, 3].map((sinceMs) => ({
      taskId: `t${sinceMs}`,
      source: "ann",
      sinceMs,
    }));
    assert.ok(first && second && third);
    queue.add(first);
    queue.add(second);
    queue.take("t1");
    assert.equal(queue.add(third), true);
    queue.putBack(first);
    assert.deepEqual(
      queue.order().map(({ taskId }) => taskId),
      ["t1", "t2", "t3"],
    );
  });

  it("tells a full queue's client to come back after the time that the others take", () => {
    assert.equal(retryAfterSeconds(100, 4, 2000), 50);
    assert.equal(retryAfterSeconds(1, 0, 10), 1);
    assert.equal(retryAfterSeconds(10_000, 1, 60_000), 300);
  });
});
