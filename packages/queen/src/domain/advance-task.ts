import type { TaskPhase } from "@rbee/contract";

/** A request on its way, without what belongs to the outside world. */
export interface TaskState {
  readonly id: string;
  readonly model: string;
  readonly phase: TaskPhase;
  readonly node: string | null;
  readonly workerId: string | null;
  readonly queuePosition: number | null;
  /** Until its turn, as far as one can say. */
  readonly estimatedWaitMs: number | null;
  readonly errorCode: string | null;
}

export type TaskChange =
  | { readonly type: "placing" }
  | {
      readonly type: "queued";
      readonly position: number;
      readonly estimatedWaitMs?: number | undefined;
    }
  | { readonly type: "starting-hive"; readonly node: string }
  | { readonly type: "spawning"; readonly node: string }
  | { readonly type: "downloading" }
  | { readonly type: "loading" }
  | { readonly type: "inferring"; readonly node: string; readonly workerId: string }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly errorCode: string }
  | { readonly type: "cancelled" };

export function newTask(id: string, model: string): TaskState {
  const nothing = { node: null, workerId: null, errorCode: null, ...noQueue };
  return { id, model, phase: "placing", ...nothing };
}

const noQueue = { queuePosition: null, estimatedWaitMs: null };

/**
 * The phases of a task.
 *
 * - placing: it came in, or its worker was lost before the first token. Out: any other phase.
 * - queued: every worker that could take it is busy. Out: a slot is free, or it waited too long.
 * - starting-hive: the hive of its node is being started. Out: the hive answers.
 * - spawning: the hive makes a worker. Out: progress, or the worker is ready.
 * - downloading, loading: what the hive reports while it makes the worker.
 * - inferring: a worker has it; tokens flow. Out: the one terminal event.
 * - done, failed, cancelled: ended; nothing changes any more.
 */
export function advanceTask(state: TaskState, change: TaskChange): TaskState {
  if (isEnded(state)) return state;
  const moved: TaskState = { ...state, phase: change.type, ...noQueue };
  switch (change.type) {
    case "queued":
      return {
        ...moved,
        queuePosition: change.position,
        estimatedWaitMs: change.estimatedWaitMs ?? null,
      };
    case "starting-hive":
    case "spawning":
      return { ...moved, node: change.node };
    case "inferring":
      return { ...moved, node: change.node, workerId: change.workerId };
    case "failed":
      return { ...moved, errorCode: change.errorCode };
    case "placing":
      return { ...moved, workerId: null };
    default:
      return moved;
  }
}

export function isEnded({ phase }: TaskState): boolean {
  return phase === "done" || phase === "failed" || phase === "cancelled";
}
