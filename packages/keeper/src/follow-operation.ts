import type { ErrorEvent, Narration, ProgressEvent } from "@rbee/contract";
import { RbeeError } from "@rbee/contract";
import type { Keeper } from "./keeper.ts";
import { errorFromEvent } from "./remote-error.ts";

type Told = Narration | ProgressEvent | ErrorEvent;

/**
 * Shows the story of an operation and returns its terminal event. Other events (the results of a
 * verification) go to `onEvent`. Throws what an `error` event carries.
 */
export async function followOperation<Event extends { readonly type: string }>(
  keeper: Keeper,
  events: AsyncGenerator<Event | Told, void, void>,
  onEvent: (event: Event) => Promise<void> | void = () => {},
): Promise<Extract<Event, { readonly type: "done" }>> {
  let done: Extract<Event, { readonly type: "done" }> | undefined;
  for await (const event of events) {
    if (isStory(event)) keeper.story.show(event);
    else if (isError(event)) throw errorFromEvent(event.error);
    else if (isDone(event)) done = event;
    else await onEvent(event);
  }
  keeper.story.endBar();
  if (done !== undefined) return done;
  throw new RbeeError("INVALID_RESPONSE", {
    from: "queen-rbee",
    expected: "an event that ends the operation",
    found: "the stream ended without it",
  });
}

function isStory(event: { readonly type: string }): event is Narration | ProgressEvent {
  return event.type === "narration" || event.type === "progress";
}

function isError(event: { readonly type: string }): event is ErrorEvent {
  return event.type === "error";
}

function isDone<Event extends { readonly type: string }>(
  event: Event,
): event is Extract<Event, { readonly type: "done" }> {
  return event.type === "done";
}
