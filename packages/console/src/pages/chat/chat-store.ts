import { createStore, del, update, values } from "idb-keyval";
import type { UseStore } from "idb-keyval";
import { Conversation, joinConversations } from "./conversation.ts";

/** Where conversations are kept: in this browser and nowhere else. */
export interface ChatStore {
  /** The one that was changed last comes first. What cannot be read any more is left out. */
  readonly list: () => Promise<readonly Conversation[]>;
  /** What another tab has added to the same conversation stays there. */
  readonly save: (conversation: Conversation) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
}

export function createChatStore(): ChatStore {
  let opened: UseStore | undefined;
  const store = () => (opened ??= createStore("rbee-chats", "conversations"));
  return {
    async list() {
      const kept: unknown[] = await values(store());
      return kept
        .flatMap((value) => Conversation.safeParse(value).data ?? [])
        .toSorted((left, right) => right.changedAtMs - left.changedAtMs);
    },
    save: (conversation) =>
      update<unknown>(
        conversation.id,
        (kept) => joinConversations(Conversation.safeParse(kept).data, conversation),
        store(),
      ),
    remove: (id) => del(id, store()),
  };
}
