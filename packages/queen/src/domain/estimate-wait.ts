import { sizes, timings } from "@rbee/contract";

/** What is known of the time that tasks of a model keep a slot: a moving average. */
export type TaskTime = number | undefined;

// Over about the last ten tasks.
const newestShare = 0.1;

export function advanceTaskTime(known: TaskTime, takenMs: number): number {
  return known === undefined ? takenMs : known * (1 - newestShare) + takenMs * newestShare;
}

export interface WaitFacts {
  /** 1 for who is next. */
  readonly position: number;
  /** Of all workers that serve the model. */
  readonly slots: number;
  readonly taskMs: TaskTime;
}

/**
 * How long somebody at this position waits when all slots are taken: one of them becomes free
 * every `taskMs / slots`. Undefined while nothing was measured, or while nothing serves the model.
 */
export function estimateWaitMs({ position, slots, taskMs }: WaitFacts): number | undefined {
  if (taskMs === undefined || slots <= 0) return undefined;
  return (position * taskMs) / slots;
}

/** When a client that found the queue full had better ask again: whole seconds, at least one. */
export function retryAfterSeconds(waitMs: number | undefined): number {
  const seconds = Math.ceil((waitMs ?? timings.busyRetryDelaysMs[0]) / 1000);
  return Math.min(sizes.queueWaitMs / 1000, Math.max(1, seconds));
}
