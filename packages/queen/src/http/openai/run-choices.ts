import { RbeeError } from "@rbee/contract";
import type { TaskEvent } from "@rbee/contract";
import type { DialectTask } from "../openai-shared/admit-dialect-task.ts";
import { taskError } from "../openai-shared/task-error.ts";
import { readFrames } from "./read-frames.ts";
import { renameFields } from "./rename-fields.ts";

/** Who hears what the task of one choice tells. */
export interface ChoiceListener {
  /** A token and nothing else; see `FrameReader`. */
  readonly token: (json: string) => void;
  readonly event: (event: TaskEvent) => void;
  /** Called after each piece of the stream; the promise is the reader's backpressure. */
  readonly flush: () => Promise<void> | undefined;
}

interface ChoiceRun {
  readonly tasks: readonly DialectTask[];
  readonly signal: AbortSignal;
  readonly listenerOf: (task: DialectTask, index: number) => ChoiceListener;
}

/**
 * Runs the tasks of all choices to their ends, side by side. When one fails the others are
 * cancelled, down to their workers, and its error is thrown once all are over.
 */
export async function runChoices({ tasks, signal, listenerOf }: ChoiceRun): Promise<void> {
  const others = new AbortController();
  const together = tasks.length === 1 ? signal : AbortSignal.any([signal, others.signal]);
  let failure: unknown;
  const runs = tasks.map(async (task, index) => {
    try {
      await runChoice(task, { signal: together, listener: listenerOf(task, index) });
    } catch (error) {
      failure ??= error;
      others.abort(new RbeeError("REQUEST_CANCELED", {}));
    }
  });
  await Promise.all(runs);
  if (failure !== undefined) throw renameFields(failure);
}

interface Listening {
  readonly signal: AbortSignal;
  readonly listener: ChoiceListener;
}

async function runChoice(task: DialectTask, { signal, listener }: Listening): Promise<void> {
  let failure: RbeeError | undefined;
  const onEvent = (event: TaskEvent) => {
    failure ??= failureOf(event);
    if (failure === undefined) listener.event(event);
  };
  await task.run({
    signal,
    send(event) {
      onEvent(event as TaskEvent);
      return listener.flush();
    },
    sendFrames(frames) {
      readFrames(frames, { onToken: listener.token, onEvent });
      return listener.flush();
    },
  });
  if (failure !== undefined) throw failure;
}

// What ends a task without an answer: its worker says so, or it was cancelled there.
function failureOf(event: TaskEvent): RbeeError | undefined {
  if (event.type === "error") return taskError(event.error);
  const wasCancelled = event.type === "done" && event.stop_reason === "CANCELLED";
  return wasCancelled ? new RbeeError("REQUEST_CANCELED", {}) : undefined;
}
