import { useEffect, useState, useSyncExternalStore } from "react";
import { createOperation } from "./create-operation.ts";
import type { Operation, OperationView, StoryEvent } from "./create-operation.ts";

export interface UsedOperation<Event>
  extends OperationView, Pick<Operation<Event>, "start" | "cancel" | "putAway"> {}

/** One operation at a time, followed from its first line to its end; it ends with the component. */
export function useOperation<Event extends StoryEvent>(): UsedOperation<Event> {
  const [operation] = useState(() => createOperation<Event>());
  const view = useSyncExternalStore(operation.subscribe, operation.current);
  useEffect(() => () => operation.cancel(), [operation]);
  const { start, cancel, putAway } = operation;
  return { ...view, start, cancel, putAway };
}
