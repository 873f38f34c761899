import type { TaskPriority } from "@rbee/contract";
import type { TaskState } from "../domain/advance-task.ts";

/** A task as it came in. */
export interface OpenedTask {
  readonly id: string;
  readonly model: string;
  /** Who asked: the id of the caller. */
  readonly source: string;
  readonly priority: TaskPriority;
  /** W3C trace context of the request. */
  readonly traceparent: string | undefined;
}

/** Hears of one task, once each thing happens; never throws. For figures and traces. */
export interface TaskObserver {
  /** Another phase; the last one is an end. */
  readonly onPhase: (state: TaskState, tokens: number) => void;
  readonly onFirstToken: () => void;
  /** The trace context for what others do for this task. */
  readonly traceparent?: string | undefined;
}

/** Called for each task that is let in. */
export type ObserveTask = (task: OpenedTask) => TaskObserver;
