import type { Narration, ProgressEvent } from "@rbee/contract";
import { createNarrator } from "@rbee/daemon";
import type { Logger, SseWriter } from "@rbee/daemon";
import type { TaskChange } from "../domain/advance-task.ts";
import { createStory } from "../flow/story.ts";
import type { Errand, Hop, Story } from "../ports.ts";

export interface CallHop {
  readonly correlationId: string;
  readonly traceparent: string | undefined;
  readonly deadline: Date | undefined;
  readonly signal: AbortSignal;
}

/** What of a call travels on. */
export function hopOf({ correlationId, traceparent, deadline, signal }: CallHop): Hop {
  return { correlationId, traceparent, deadline, signal };
}

interface StoryInput {
  readonly logger: Logger;
  readonly correlationId: string;
  readonly writer: Pick<SseWriter, "send">;
  readonly advance?: (change: TaskChange) => void;
}

/** A story that is told on the request's own stream. */
export function streamStory({ logger, correlationId, writer, advance }: StoryInput): Story {
  const emit = (event: Narration | ProgressEvent) => void writer.send(event);
  const narrate = createNarrator({ actor: "queen-rbee", logger, correlationId, emit });
  return createStory({ narrate, correlationId, emit, ...(advance ? { advance } : {}) });
}

/** A story of which only the log hears: the answer is one JSON document. */
export function quietErrand(call: CallHop, logger: Logger): Errand {
  const { correlationId } = call;
  const narrate = createNarrator({ actor: "queen-rbee", logger, correlationId });
  return { hop: hopOf(call), story: createStory({ narrate, correlationId, emit: () => {} }) };
}

/** The errand of a streamed operation. */
export function streamErrand(call: CallHop, writer: SseWriter, logger: Logger): Errand {
  const hop = { ...hopOf(call), signal: writer.signal };
  return { hop, story: streamStory({ logger, correlationId: call.correlationId, writer }) };
}
