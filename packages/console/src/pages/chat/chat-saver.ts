import type { ChatStore } from "./chat-store.ts";
import type { Conversation } from "./conversation.ts";

export interface ChatSaver {
  /** Writes it down soon; several changes until then are written once. */
  readonly soon: (conversation: Conversation) => void;
  /** Writes at once what is not written yet: the page may go. */
  readonly flush: () => void;
  readonly forget: (id: string) => void;
}

const saveDelayMs = 500;

/** Writes conversations down as they change, at most twice a second. */
export function createChatSaver(store: ChatStore, onFailure: (error: unknown) => void): ChatSaver {
  const unsaved = new Map<string, Conversation>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const conversation of unsaved.values()) store.save(conversation).catch(onFailure);
    unsaved.clear();
  };
  return {
    soon(conversation) {
      unsaved.set(conversation.id, conversation);
      timer ??= setTimeout(flush, saveDelayMs);
    },
    flush,
    forget(id) {
      unsaved.delete(id);
      store.remove(id).catch(onFailure);
    },
  };
}
