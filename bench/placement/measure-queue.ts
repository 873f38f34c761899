import { createTaskQueue } from "../../packages/queen/src/domain/task-queue.ts";
import type { WaitingTask } from "../../packages/queen/src/domain/task-queue.ts";
import type { Row } from "../section.ts";

const few = 100;
const many = 100_000;
const turns = 20_000;
const ratioMax = 4;
const nobody = new Set<string>();

/** One turn of the queue (next, taken, paid for, and one more comes), short and long. */
export function measureQueue(): Row[] {
  // Once for the compiler.
  measureTurns(few);
  const [short, long] = [measureTurns(few), measureTurns(many)];
  const ratio = long / short;
  return [
    {
      name: `a turn of the queue with ${many} waiting of 1,000 keys`,
      measured: `${long.toFixed(2)} us; with ${few} waiting ${short.toFixed(2)} us; ratio ${ratio.toFixed(1)}`,
      target: `ratio <= ${ratioMax}`,
      isMet: ratio <= ratioMax,
    },
  ];
}

function measureTurns(length: number): number {
  const queue = createTaskQueue();
  let count = 0;
  const add = () => {
    count += 1;
    const task: WaitingTask = {
      taskId: `t${count}`,
      source: `key-${count % 1000}`,
      priority: "normal",
      wish: "any",
      cost: 100 + (count % 900),
      sinceMs: count,
    };
    queue.add(task);
  };
  while (queue.length() < length) add();
  const startedAt = performance.now();
  for (let turn = 0; turn < turns; turn += 1) {
    const task = queue.next(nobody);
    if (task === undefined) throw new Error("nobody waits");
    queue.take(task.taskId);
    queue.charge(task, 10);
    add();
  }
  return ((performance.now() - startedAt) * 1000) / turns;
}
