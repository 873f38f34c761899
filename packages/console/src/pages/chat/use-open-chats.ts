import { useState } from "react";
import { newConversation } from "./use-chats.ts";
import type { Chats } from "./use-chats.ts";
import type { Conversation } from "./conversation.ts";

export interface OpenChats {
  /** One, or two side by side; none while there is no conversation. */
  readonly shown: readonly Conversation[];
  readonly open: (id: string) => void;
  readonly begin: () => void;
  /** Opens a second one beside the first, or goes back to one. */
  readonly compare: () => void;
}

/** Which of the conversations are on the screen. */
export function useOpenChats({ conversations = [], add }: Chats): OpenChats {
  const [openIds, setOpenIds] = useState<readonly string[]>([]);
  const chosen = openIds.flatMap((id) => conversations.find((chat) => chat.id === id) ?? []);
  const shown = chosen.length > 0 ? chosen : conversations.slice(0, 1);
  const create = () => {
    const conversation = newConversation();
    add(conversation);
    return conversation.id;
  };
  return {
    shown,
    open: (id) => setOpenIds([id]),
    begin: () => setOpenIds([create()]),
    compare() {
      const [first] = shown;
      if (first === undefined) return;
      setOpenIds(shown.length > 1 ? [first.id] : [first.id, create()]);
    },
  };
}
