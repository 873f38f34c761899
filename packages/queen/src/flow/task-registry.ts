import { RbeeError, sizes } from "@rbee/contract";
import type { TaskOnWire } from "@rbee/contract";
import { advanceTask, isEnded, newTask } from "../domain/advance-task.ts";
import type { TaskChange, TaskState } from "../domain/advance-task.ts";
import { createTaskTimeline } from "./create-task-timeline.ts";
import type { ObserveTask, OpenedTask, TaskObserver } from "./task-observer.ts";

/** One request on its way and what others may do to it. */
export interface TaskRecord {
  readonly id: string;
  readonly priority: OpenedTask["priority"];
  /** The id of the caller. */
  readonly source: string;
  readonly state: () => TaskState;
  /** The trace context for what others do for this task. */
  readonly traceparent: string | undefined;
  readonly advance: (change: TaskChange) => void;
  readonly countTokens: (count: number) => void;
  readonly tokens: () => number;
  /** What the worker read; it tells when it begins. */
  readonly notePromptTokens: (count: number) => void;
  readonly promptTokens: () => number;
  /** Ends the task with this error, wherever it is. */
  readonly end: (error: RbeeError) => void;
  readonly signal: AbortSignal;
  /** Settles when everything that belongs to the task is over, the slot included. */
  readonly ended: Promise<void>;
  readonly close: () => void;
  readonly toWire: () => TaskOnWire;
}

export type TaskRegistry = ReturnType<typeof createTaskRegistry>;

const observeNothing: ObserveTask = () => ({ onPhase: () => {}, onFirstToken: () => {} });

/** The running tasks and the last ones that ended. */
export function createTaskRegistry(onChange: () => void, observe = observeNothing) {
  const records = new Map<string, TaskRecord>();
  const running = () => [...records.values()].filter((record) => !isEnded(record.state()));
  const ended: TaskRecord[] = [];
  const forgetOldest = () => {
    while (ended.length > sizes.recentTasksMax) {
      const oldest = ended.shift();
      // Another task may have its id by now.
      if (oldest !== undefined && records.get(oldest.id) === oldest) records.delete(oldest.id);
    }
  };
  return {
    /** Throws INVALID_REQUEST when a running task has that id. */
    open(task: OpenedTask): TaskRecord {
      const { id } = task;
      const other = records.get(id);
      if (other !== undefined && !isEnded(other.state())) {
        const message = "is the id of a running task";
        const errors = [{ field: "job_id", constraint: "unique", message }];
        throw new RbeeError("INVALID_REQUEST", { errors });
      }
      const onEnd = () => {
        ended.push(record);
        forgetOldest();
      };
      const record = createRecord({ task, onChange, onEnd, observer: observe(task) });
      records.delete(id);
      records.set(id, record);
      return record;
    },
    find: (id: string): TaskRecord | undefined => records.get(id),
    running,
    /** Newest first; all of them, or those for which that is so. */
    list: (isWanted: (record: TaskRecord) => boolean = () => true): TaskOnWire[] =>
      [...records.values()]
        .filter(isWanted)
        .map((record) => record.toWire())
        .toReversed(),
  };
}

interface RecordInput {
  readonly task: OpenedTask;
  readonly onChange: () => void;
  readonly onEnd: () => void;
  readonly observer: TaskObserver;
}

function createRecord({ task, onChange, onEnd, observer }: RecordInput): TaskRecord {
  const { id, model, priority, source } = task;
  const controller = new AbortController();
  const closing = Promise.withResolvers<void>();
  let state = newTask(id, model);
  const timeline = createTaskTimeline(state.phase);
  let tokens = 0;
  let promptTokens = 0;
  return {
    id,
    priority,
    source,
    state: () => state,
    traceparent: observer.traceparent ?? task.traceparent,
    advance(change) {
      const before = state;
      state = advanceTask(state, change);
      if (isEnded(state) && !isEnded(before)) {
        timeline.end();
        onEnd();
      }
      if (state.phase !== before.phase) {
        timeline.enter(state.phase);
        observer.onPhase(state, tokens);
      }
      onChange();
    },
    countTokens(count) {
      if (timeline.noteToken()) observer.onFirstToken();
      tokens += count;
    },
    tokens: () => tokens,
    notePromptTokens: (count) => void (promptTokens = count),
    promptTokens: () => promptTokens,
    end: (error) => controller.abort(error),
    signal: controller.signal,
    ended: closing.promise,
    close: closing.resolve,
    toWire: () => ({
      task_id: id,
      phase: state.phase,
      model,
      node: state.node,
      worker_id: state.workerId,
      tokens,
      tokens_per_sec: timeline.tokensPerSecond(tokens),
      queue_position: state.queuePosition,
      estimated_wait_s: state.estimatedWaitMs === null ? null : state.estimatedWaitMs / 1000,
      error_code: state.errorCode,
      source,
      ...timeline.toWire(),
    }),
  };
}
