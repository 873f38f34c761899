import { sizes } from "@rbee/contract";

export interface WaitingTask {
  readonly taskId: string;
  /** Who asked: sources take turns, so that one cannot keep the others waiting. */
  readonly source: string;
  /** Since when it waits, by any clock that only goes forward. */
  readonly sinceMs: number;
}

export type TaskQueue = ReturnType<typeof createTaskQueue>;

/**
 * The tasks that wait for one model. Bounded; sources take turns, and the tasks of one source stay
 * in the order in which they came.
 */
export function createTaskQueue(limit: number) {
  // The order of the keys is the order of turns: whoever was served goes to the end.
  const lanes = new Map<string, WaitingTask[]>();
  const length = () => [...lanes.values()].reduce((sum, lane) => sum + lane.length, 0);
  const remove = (taskId: string): WaitingTask | undefined => {
    for (const [source, lane] of lanes) {
      const index = lane.findIndex((task) => task.taskId === taskId);
      if (index < 0) continue;
      const [task] = lane.splice(index, 1);
      if (lane.length === 0) lanes.delete(source);
      return task;
    }
    return undefined;
  };
  const insert = (task: WaitingTask) => {
    const lane = lanes.get(task.source) ?? [];
    const later = lane.findIndex((other) => other.sinceMs > task.sinceMs);
    lane.splice(later < 0 ? lane.length : later, 0, task);
    lanes.set(task.source, lane);
  };
  return {
    length,
    isFull: () => length() >= limit,
    /** False when the queue is full. */
    add(task: WaitingTask): boolean {
      if (length() >= limit) return false;
      insert(task);
      return true;
    },
    /** Back to its old place, for a task whose turn came to nothing; it is never turned away. */
    putBack: (task: WaitingTask): void => insert(task),
    /** Takes a task out because it gets its turn; its source goes to the end. */
    take(taskId: string): WaitingTask | undefined {
      const task = remove(taskId);
      if (task === undefined) return undefined;
      const lane = lanes.get(task.source);
      if (lane !== undefined) {
        lanes.delete(task.source);
        lanes.set(task.source, lane);
      }
      return task;
    },
    /** Takes a task out because nobody waits for it any more; it costs its source no turn. */
    remove,
    /** The tasks in the order in which they will get their turn. */
    order(): WaitingTask[] {
      const ordered: WaitingTask[] = [];
      const rounds = Math.max(0, ...[...lanes.values()].map((lane) => lane.length));
      for (let round = 0; round < rounds; round += 1) {
        for (const lane of lanes.values()) {
          const task = lane[round];
          if (task !== undefined) ordered.push(task);
        }
      }
      return ordered;
    },
  };
}

/** When a client that found the queue full had better ask again. */
export function retryAfterSeconds(
  length: number,
  slotsTotal: number,
  taskMsAverage: number,
): number {
  const rounds = Math.max(1, length / Math.max(1, slotsTotal));
  return Math.min(
    sizes.queueWaitMs / 1000,
    Math.max(1, Math.ceil((rounds * taskMsAverage) / 1000)),
  );
}
