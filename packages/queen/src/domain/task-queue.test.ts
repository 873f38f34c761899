import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { queueTurns, taskPriorities } from "@rbee/contract";
import fc from "fast-check";
import { createTaskQueue } from "./task-queue.ts";
import type { TaskQueue, WaitingTask } from "./task-queue.ts";

const nobody = new Set<string>();
const costs = [1, 40, 500, 4000];
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("add" as const),
      source: fc.constantFrom("ann", "bob", "cem", "dee"),
      priority: fc.constantFrom(...taskPriorities),
      wish: fc.constantFrom("any", "mac"),
      cost: fc.constantFrom(...costs),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("serve" as const),
      blocked: fc.constantFrom("", "any", "mac"),
      difference: fc.integer({ min: -30, max: 1000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("leave" as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("again" as const), pick: fc.nat() }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
const steps = fc.array(step, { maxLength: 150 });

const task = (patch: Partial<WaitingTask> & { taskId: string }): WaitingTask => ({
  source: "ann",
  priority: "normal",
  wish: "any",
  cost: 512,
  sinceMs: 0,
  ...patch,
});
const idsOf = (tasks: Iterable<WaitingTask>) => Array.from(tasks, ({ taskId }) => taskId);

type OnServe = (task: WaitingTask, waiting: readonly WaitingTask[], blocked: string) => void;

// Plays the steps against a queue and a plain list, and shows every task that is served.
function play(list: readonly Step[], onServe: OnServe): void {
  const queue = createTaskQueue();
  let waiting: WaitingTask[] = [];
  let served: WaitingTask[] = [];
  const without = (from: WaitingTask[], one: WaitingTask) => from.filter((other) => other !== one);
  for (const [index, action] of list.entries()) {
    if (action.type === "add") {
      const { type: _type, ...wish } = action;
      const added = task({ ...wish, taskId: `t${index}`, sinceMs: index });
      queue.add(added);
      waiting.push(added);
    } else if (action.type === "serve") {
      const chosen = queue.next(new Set([action.blocked]));
      if (chosen === undefined) continue;
      onServe(chosen, waiting, action.blocked);
      assert.equal(queue.take(chosen.taskId), chosen);
      waiting = without(waiting, chosen);
      served.push(chosen);
      if (index % 2 === 0) queue.charge(chosen, action.difference);
    } else if (action.type === "leave") {
      const chosen = waiting[action.pick % (waiting.length || 1)];
      if (chosen === undefined) continue;
      assert.equal(queue.remove(chosen.taskId), chosen);
      waiting = without(waiting, chosen);
    } else {
      const chosen = served[action.pick % (served.length || 1)];
      if (chosen === undefined) continue;
      queue.putBack(chosen);
      served = without(served, chosen);
      waiting = [...waiting, chosen].toSorted((left, right) => left.sinceMs - right.sinceMs);
    }
    assert.equal(queue.length(), waiting.length);
    assert.deepEqual(idsOf(queue.order()).toSorted(), idsOf(waiting).toSorted());
  }
}

// Everybody always has work: takes turns until so many tokens were served.
function serveTokens(queue: TaskQueue, tokens: number, next: (task: WaitingTask) => WaitingTask) {
  const served = new Map<string, number>();
  for (let sum = 0; sum < tokens;) {
    const chosen = queue.next(nobody);
    assert.ok(chosen);
    queue.take(chosen.taskId);
    const key = `${chosen.source} ${chosen.priority}`;
    served.set(key, (served.get(key) ?? 0) + chosen.cost);
    sum += chosen.cost;
    queue.add(next(chosen));
    queue.charge(chosen, 0);
  }
  return served;
}

let added = 0;
const another = (like: WaitingTask) => ({ ...like, taskId: `more${(added += 1)}` });

describe("the queue of a model", () => {
  it("never loses a task, and orders all of them", () => {
    fc.assert(fc.property(steps, (list) => play(list, () => {})));
  });

  it("serves what one source wants alike in the order in which it came", () => {
    fc.assert(
      fc.property(steps, (list) =>
        play(list, (chosen, waiting) => {
          const isAlike = (other: WaitingTask) =>
            other.source === chosen.source &&
            other.wish === chosen.wish &&
            other.priority === chosen.priority;
          assert.equal(chosen.taskId, waiting.find(isAlike)?.taskId);
        }),
      ),
    );
  });

  it("finds something to serve whenever a wish is not blocked, and nothing else", () => {
    fc.assert(
      fc.property(steps, (list) =>
        play(list, (chosen, _waiting, blocked) => assert.notEqual(chosen.wish, blocked)),
      ),
    );
    const queue = createTaskQueue();
    queue.add(task({ taskId: "a", wish: "mac" }));
    queue.add(task({ taskId: "b", source: "bob", wish: "any" }));
    assert.equal(queue.next(new Set(["mac"]))?.taskId, "b");
    assert.equal(queue.next(new Set(["mac", "any"])), undefined);
  });

  it("gives sources that always have work the same tokens, whatever their tasks cost", () => {
    const queue = createTaskQueue();
    const sources = costs.map((cost) => ({ source: `s${cost}`, cost }));
    for (const one of sources)
      for (let count = 0; count < 3; count += 1) queue.add(another(task({ ...one, taskId: "" })));
    const total = 400_000;
    const served = serveTokens(queue, total, another);
    for (const { source } of sources) {
      const tokens = served.get(`${source} normal`) ?? 0;
      const apart = Math.abs(tokens - total / sources.length);
      assert.ok(apart <= 2 * Math.max(...costs), `${source}: ${tokens}`);
    }
  });

  it("shares between priorities by weight, so that low work goes on as well", () => {
    const queue = createTaskQueue();
    for (const priority of taskPriorities) queue.add(another(task({ priority, taskId: "" })));
    const total = 2_100_000;
    const served = serveTokens(queue, total, another);
    const { shares } = queueTurns;
    const sum = shares.high + shares.normal + shares.low;
    for (const priority of taskPriorities) {
      const part = (served.get(`ann ${priority}`) ?? 0) / total;
      assert.ok(Math.abs(part / (shares[priority] / sum) - 1) < 0.05, `${priority}: ${part}`);
    }
  });

  it("serves a high task that comes before normal ones that wait", () => {
    const queue = createTaskQueue();
    for (const taskId of ["a", "b", "c"]) queue.add(task({ taskId }));
    queue.take("a");
    queue.add(task({ taskId: "h", priority: "high", source: "bob" }));
    queue.add(task({ taskId: "l", priority: "low", source: "cem" }));
    assert.deepEqual(idsOf(queue.order()), ["h", "b", "c", "l"]);
  });

  it("lets a source pay back what its tasks took beyond what they said", () => {
    const queue = createTaskQueue();
    queue.add(task({ taskId: "a1", cost: 100 }));
    queue.add(task({ taskId: "b1", source: "bob", cost: 100 }));
    for (const taskId of ["a1", "b1"]) queue.take(taskId);
    queue.charge(task({ taskId: "a1" }), 1000);
    queue.charge(task({ taskId: "b1", source: "bob" }), 0);
    for (let count = 2; count < 20; count += 1) {
      queue.add(task({ taskId: `a${count}`, cost: 100, sinceMs: count }));
      queue.add(task({ taskId: `b${count}`, source: "bob", cost: 100, sinceMs: count }));
    }
    const order = idsOf(queue.order());
    assert.equal(
      order.findIndex((taskId) => taskId.startsWith("a")),
      10,
      order.join(" "),
    );
  });

  it("saves nothing for who was away or whose wish could not be served", () => {
    const queue = createTaskQueue();
    queue.add(task({ taskId: "m0", source: "mac-user", wish: "mac", sinceMs: 0 }));
    queue.add(task({ taskId: "m1", source: "mac-user", wish: "mac", sinceMs: 1 }));
    queue.add(task({ taskId: "m2", source: "mac-user", wish: "mac", sinceMs: 2 }));
    queue.add(task({ taskId: "a0", cost: 100 }));
    for (let count = 1; count < 200; count += 1) {
      const chosen = queue.next(new Set(["mac"]));
      assert.ok(chosen);
      queue.take(chosen.taskId);
      queue.charge(chosen, 0);
      queue.add(task({ taskId: `a${count}`, cost: 100 }));
    }
    for (const taskId of ["ax", "ay"]) queue.add(task({ taskId, cost: 100 }));
    queue.add(task({ taskId: "n0", source: "new", cost: 100 }));
    const order = idsOf(queue.order());
    assert.equal(order[0], "m0", "its turn has come long ago");
    assert.ok(order.indexOf("m1") > order.indexOf("n0"), order.join(" "));
  });

  it("gives a task whose turn came to nothing its old place", () => {
    const queue = createTaskQueue();
    const tasks = [1, 2, 3].map((sinceMs) => task({ taskId: `t${sinceMs}`, sinceMs }));
    for (const one of tasks) queue.add(one);
    const [first] = tasks;
    assert.ok(first);
    queue.take("t1");
    queue.charge(first, -first.cost);
    queue.putBack(first);
    assert.deepEqual(idsOf(queue.order()), ["t1", "t2", "t3"]);
    assert.equal(queue.isIdle(), false);
  });

  it("is idle when nobody waits and everybody was charged", () => {
    const queue = createTaskQueue();
    for (let count = 0; count < 1000; count += 1) {
      const one = task({ taskId: `t${count}`, source: `key-${count}` });
      queue.add(one);
      queue.take(one.taskId);
      queue.charge(one, 0);
    }
    assert.equal(queue.isIdle(), true);
    assert.equal(queue.length(), 0);
  });
});
