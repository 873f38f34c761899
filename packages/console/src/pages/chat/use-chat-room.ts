import { useEffect, useSyncExternalStore } from "react";
import { useSession } from "../../state/console-context.tsx";
import type { ConsoleSession } from "../../state/console-session.ts";
import { askModel } from "./ask-model.ts";
import { createChatRoom } from "./chat-room.ts";
import type { ChatRoom, ChatRoomView } from "./chat-room.ts";
import { createChatStore } from "./chat-store.ts";
import { newId } from "./new-id.ts";

// It outlives the component: answers go on while another page of the console is open.
const rooms = new WeakMap<ConsoleSession, ChatRoom>();

export function useChatRoom(): { readonly room: ChatRoom; readonly view: ChatRoomView } {
  const room = roomOf(useSession());
  const view = useSyncExternalStore(room.subscribe, room.current);
  useEffect(() => {
    const flush = () => room.flush();
    document.addEventListener("visibilitychange", flush);
    addEventListener("pagehide", flush);
    return () => {
      document.removeEventListener("visibilitychange", flush);
      removeEventListener("pagehide", flush);
      flush();
    };
  }, [room]);
  return { room, view };
}

function roomOf(session: ConsoleSession): ChatRoom {
  const known = rooms.get(session);
  if (known !== undefined) return known;
  const room = createChatRoom({
    store: createChatStore(),
    ask: (input) => askModel(session.queen, input),
    newId,
    nowMs: Date.now,
  });
  rooms.set(session, room);
  return room;
}
