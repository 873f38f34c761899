import type { ErrorBody, Narration, ProgressEvent } from "@rbee/contract";
import { describeFailure, failureFromBody } from "../parts/describe-failure.ts";
import type { Failure } from "../parts/describe-failure.ts";

/** Events of an operation that is told while it goes on; each kind has ends of its own. */
export type StoryEvent =
  | Narration
  | ProgressEvent
  | { readonly type: "error"; readonly error: ErrorBody }
  | { readonly type: "done"; readonly message?: string };

/**
 * - idle: nothing was started yet, or it was put away.
 * - running: its story comes.
 * - done, failed, cancelled: how the last one ended.
 */
export type OperationStatus = "idle" | "running" | "done" | "failed" | "cancelled";

export interface OperationView {
  readonly status: OperationStatus;
  readonly lines: readonly Narration[];
  readonly progress: ProgressEvent | undefined;
  readonly failure: Failure | undefined;
  /** What is true now that it is done, where that was said. */
  readonly message: string | undefined;
}

export interface Operation<Event> {
  readonly current: () => OperationView;
  readonly subscribe: (listener: () => void) => () => void;
  /** Ends what still runs, and follows what `open` opens from its first line to its end. */
  readonly start: (
    open: (signal: AbortSignal) => Promise<AsyncIterable<Event>>,
    onEvent?: (event: Event) => void,
  ) => void;
  /** Stops it and the queen's work for it. */
  readonly cancel: () => void;
  readonly putAway: () => void;
}

const noOperation: OperationView = {
  status: "idle",
  lines: [],
  progress: undefined,
  failure: undefined,
  message: undefined,
};

const linesMax = 200;

/** One operation at a time, whose story is kept while it goes on and after its end. */
export function createOperation<Event extends StoryEvent>(): Operation<Event> {
  const listeners = new Set<() => void>();
  let view = noOperation;
  let running = new AbortController();
  const set = (next: OperationView) => {
    view = next;
    for (const listener of listeners) listener();
  };
  return {
    current: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start(open, onEvent = () => {}) {
      running.abort();
      const controller = new AbortController();
      running = controller;
      const change = (advance: (before: OperationView) => OperationView) => {
        if (running === controller) set(advance(view));
      };
      set({ ...noOperation, status: "running" });
      followStory(open, controller.signal, (event) => {
        change((before) => advanceView(before, event));
        onEvent(event);
      }).catch((error: unknown) => {
        change((before) =>
          controller.signal.aborted
            ? { ...before, status: "cancelled" }
            : { ...before, status: "failed", failure: describeFailure(error) },
        );
      });
    },
    cancel: () => running.abort(),
    putAway: () => set(noOperation),
  };
}

async function followStory<Event extends StoryEvent>(
  open: (signal: AbortSignal) => Promise<AsyncIterable<Event>>,
  signal: AbortSignal,
  onEvent: (event: Event) => void,
): Promise<void> {
  for await (const event of await open(signal)) onEvent(event);
  // A stream that was cancelled may also just end.
  signal.throwIfAborted();
}

function advanceView(view: OperationView, event: StoryEvent): OperationView {
  switch (event.type) {
    case "narration":
      return { ...view, lines: [...view.lines, event].slice(-linesMax) };
    case "progress":
      return { ...view, progress: event };
    case "error":
      return { ...view, status: "failed", failure: failureFromBody(event.error) };
    // `done` is the one that is left.
    default:
      return { ...view, status: "done", progress: undefined, message: event.message };
  }
}
