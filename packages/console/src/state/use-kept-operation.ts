import { useEffect, useSyncExternalStore } from "react";
import { useSession } from "./console-context.tsx";
import type { ConsoleSession } from "./console-session.ts";
import { createOperation } from "./create-operation.ts";
import type { Operation, StoryEvent } from "./create-operation.ts";
import type { UsedOperation } from "./use-operation.ts";

// Of each tab; what is started under a name goes on while another page of the console is open.
const kept = new WeakMap<ConsoleSession, Map<string, Operation<StoryEvent>>>();

/**
 * An operation that outlives the component, and is found again by its name. An end that was seen is
 * put away with the component: it may not be true any more when one comes back.
 */
export function useKeptOperation<Event extends StoryEvent>(name: string): UsedOperation<Event> {
  const operation = operationOf<Event>(useSession(), name);
  const view = useSyncExternalStore(operation.subscribe, operation.current);
  const { start, cancel, putAway } = operation;
  useEffect(
    () => () => {
      if (operation.current().status !== "running") operation.putAway();
    },
    [operation],
  );
  return { ...view, start, cancel, putAway };
}

function operationOf<Event extends StoryEvent>(
  session: ConsoleSession,
  name: string,
): Operation<Event> {
  const names = kept.get(session) ?? new Map<string, Operation<StoryEvent>>();
  kept.set(session, names);
  const operation = names.get(name) ?? createOperation<StoryEvent>();
  names.set(name, operation);
  // Who asks by this name starts it with events of this kind, and nobody else does.
  return operation as unknown as Operation<Event>;
}
