import { useSyncExternalStore } from "react";
import { useSession } from "../../state/console-context.tsx";
import type { ConsoleSession } from "../../state/console-session.ts";
import { createPullMemory } from "./pull-memory.ts";
import { createPullRoom } from "./create-pull-room.ts";
import type { PullRoom, PullView } from "./create-pull-room.ts";

// It outlives the component: downloads go on while another page of the console is open.
const rooms = new WeakMap<ConsoleSession, PullRoom>();

export function usePullRoom(): { readonly room: PullRoom; readonly pulls: readonly PullView[] } {
  const room = roomOf(useSession());
  return { room, pulls: useSyncExternalStore(room.subscribe, room.current) };
}

function roomOf(session: ConsoleSession): PullRoom {
  const known = rooms.get(session);
  if (known !== undefined) return known;
  const room = createPullRoom({
    memory: createPullMemory(localStorage),
    open: ({ model, node }, signal) =>
      session.queen.stream("pullModel", { body: { model, node }, signal }),
  });
  rooms.set(session, room);
  return room;
}
