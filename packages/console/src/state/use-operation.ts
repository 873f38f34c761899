import type { ErrorBody, Narration, ProgressEvent } from "@rbee/contract";
import { useCallback, useEffect, useRef, useState } from "react";
import { describeFailure, failureFromBody } from "../parts/describe-failure.ts";
import type { Failure } from "../parts/describe-failure.ts";

/** Events of an operation that is told while it goes on; each kind has ends of its own. */
export type StoryEvent =
  | Narration
  | ProgressEvent
  | { readonly type: "error"; readonly error: ErrorBody }
  | { readonly type: "done" };

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
}

export interface Operation<Event> extends OperationView {
  readonly start: (
    open: (signal: AbortSignal) => Promise<AsyncIterable<Event>>,
    onEvent?: (event: Event) => void,
  ) => void;
  /** Stops it and the queen's work for it. */
  readonly cancel: () => void;
  readonly putAway: () => void;
}

const linesMax = 200;
const nothing: OperationView = {
  status: "idle",
  lines: [],
  progress: undefined,
  failure: undefined,
};

/** One operation at a time, followed from its first line to its end; it ends with the component. */
export function useOperation<Event extends StoryEvent>(): Operation<Event> {
  const [view, setView] = useState(nothing);
  const running = useRef<AbortController>(undefined);
  const start = useCallback<Operation<Event>["start"]>((open, onEvent = () => {}) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const change = (advance: (view: OperationView) => OperationView) => {
      if (running.current === controller) setView(advance);
    };
    change(() => ({ ...nothing, status: "running" }));
    void followStory(open, controller.signal, (event) => {
      change((before) => advanceView(before, event));
      onEvent(event);
    }).catch((error: unknown) => {
      change((before) =>
        controller.signal.aborted
          ? { ...before, status: "cancelled" }
          : { ...before, status: "failed", failure: describeFailure(error) },
      );
    });
  }, []);
  useEffect(() => () => running.current?.abort(), []);
  const cancel = useCallback(() => running.current?.abort(), []);
  const putAway = useCallback(() => setView(nothing), []);
  return { ...view, start, cancel, putAway };
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
      return { ...view, status: "done", progress: undefined };
  }
}
