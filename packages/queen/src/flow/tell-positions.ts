import { queueTurns, timings } from "@rbee/contract";
import type { TaskQueue, WaitingTask } from "../domain/task-queue.ts";
import type { Waiting } from "./queue-ticket.ts";

export interface PositionTellerOptions {
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** Milliseconds until the turn of who is at this position. */
  readonly estimate: (task: WaitingTask, position: number) => number | undefined;
}

export type PositionTeller = ReturnType<typeof createPositionTeller>;

/**
 * Tells those who wait at which place they are. Every step forward moves everybody, so in a long
 * queue places are counted once in a while, and whoever is far behind hears of larger steps only.
 */
export function createPositionTeller(options: PositionTellerOptions) {
  const planned = new WeakMap<TaskQueue, NodeJS.Timeout>();
  const count = (queue: TaskQueue) => {
    clearTimeout(planned.get(queue));
    planned.delete(queue);
    const isAnybodyLeft = countPositions(queue, options);
    if (isAnybodyLeft) plan(queue);
  };
  const plan = (queue: TaskQueue) => {
    if (planned.has(queue)) return;
    const pauseMs = Math.max(
      timings.positionIntervalMs,
      queue.length() * queueTurns.countPauseMsPerTask,
    );
    planned.set(queue, setTimeout(count, pauseMs, queue).unref());
  };
  const isShort = (queue: TaskQueue) => queue.length() <= queueTurns.countedAtOnceMax;
  return {
    changed: (queue: TaskQueue): void => (isShort(queue) ? count(queue) : plan(queue)),
    /** Somebody new listens: he is told something at once, at worst that he is the last. */
    arrived(queue: TaskQueue, task: WaitingTask): void {
      if (isShort(queue)) return count(queue);
      const entry = options.waiting.get(task.taskId);
      if (entry !== undefined) tellPosition({ entry, task, position: queue.length() }, options);
      plan(queue);
    },
  };
}

interface Position {
  readonly entry: Waiting;
  readonly task: WaitingTask;
  readonly position: number;
}

// True when somebody's place has changed and he was not told yet.
function countPositions(queue: TaskQueue, options: PositionTellerOptions): boolean {
  const nowMs = performance.now();
  let position = 0;
  let isAnybodyLeft = false;
  for (const task of queue.order()) {
    position += 1;
    const entry = options.waiting.get(task.taskId);
    if (entry === undefined || !isNews(entry, position)) continue;
    const isSoon = position > 1 && nowMs - entry.toldAtMs < timings.positionIntervalMs;
    if (isSoon) isAnybodyLeft = true;
    else tellPosition({ entry, task, position }, options);
  }
  return isAnybodyLeft;
}

const stepShare = 0.05;

function isNews({ toldPosition: told }: Waiting, position: number): boolean {
  if (position === told) return false;
  const isFar = position > queueTurns.countedAtOnceMax && told > 0;
  return !isFar || Math.abs(told - position) >= told * stepShare;
}

function tellPosition(
  { entry, task, position }: Position,
  { estimate }: PositionTellerOptions,
): void {
  entry.toldPosition = position;
  entry.toldAtMs = performance.now();
  entry.waitMs = estimate(task, position);
  entry.onPosition(position, entry.waitMs);
}
