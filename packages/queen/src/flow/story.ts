import type { Narration, ProgressEvent } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { TaskChange } from "../domain/advance-task.ts";
import type { Story } from "../ports.ts";

export interface StoryOptions {
  readonly narrate: Narrate;
  readonly correlationId: string;
  /** The stream of the request. */
  readonly emit: (event: Narration | ProgressEvent) => void;
  readonly advance?: (change: TaskChange) => void;
}

/** Tells one request what happens for it: our own lines, and what comes from further down. */
export function createStory({ narrate, correlationId, emit, advance }: StoryOptions): Story {
  return (event) => {
    switch (event.type) {
      case "tell":
        narrate(event.line);
        break;
      case "hive-starting":
        advance?.({ type: "starting-hive", node: event.node });
        break;
      case "relay": {
        // A spawn that several requests share is told to each under its own id.
        const isLine = event.event.type === "narration";
        emit(isLine ? { ...event.event, correlation_id: correlationId } : event.event);
        if (event.event.type === "progress") advanceBy(event.event, advance);
        break;
      }
    }
  };
}

function advanceBy(event: ProgressEvent, advance: StoryOptions["advance"]): void {
  if (event.stage === "downloading") advance?.({ type: "downloading" });
  if (event.stage === "loading_to_vram") advance?.({ type: "loading" });
}
