import { createStore, del, set, values } from "idb-keyval";
import type { UseStore } from "idb-keyval";
import { Conversation } from "./conversation.ts";

/** Where conversations are kept: in this browser and nowhere else. */
export interface ChatStore {
  /** The one that was changed last comes first. What cannot be read any more is left out. */
  readonly list: () => Promise<readonly Conversation[]>;
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
    save: (conversation) => set(conversation.id, conversation, store()),
    remove: (id) => del(id, store()),
  };
}
