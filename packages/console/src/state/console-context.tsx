import { createContext, useContext, useSyncExternalStore } from "react";
import type { ConsoleSession } from "./console-session.ts";
import type { LiveSnapshot, LiveState } from "./live-state.ts";

export interface ConsoleWorld {
  readonly session: ConsoleSession;
  readonly live: LiveState;
}

export const ConsoleContext = createContext<ConsoleWorld | undefined>(undefined);

function useWorld(): ConsoleWorld {
  const world = useContext(ConsoleContext);
  if (world === undefined) throw new Error("outside of the console");
  return world;
}

export function useSession(): ConsoleSession {
  return useWorld().session;
}

/** The state as the queen tells it, and how fresh it is. */
export function useLive(): LiveSnapshot {
  const { live } = useWorld();
  return useSyncExternalStore(live.subscribe, live.current);
}

/** A text or number of the state: the component is drawn anew only when it is another. */
export function useLivePart<Part extends string | number | boolean | undefined>(
  read: (snapshot: LiveSnapshot) => Part,
): Part {
  const { live } = useWorld();
  return useSyncExternalStore(live.subscribe, () => read(live.current()));
}
