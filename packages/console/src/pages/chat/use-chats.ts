import { bundledModelReference } from "@rbee/contract";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { createChatStore } from "./chat-store.ts";
import type { Conversation } from "./conversation.ts";

export interface Chats {
  /** Undefined until the browser's store was read. */
  readonly conversations: readonly Conversation[] | undefined;
  /** What the browser's store said when it failed. */
  readonly problem: string | undefined;
  readonly add: (conversation: Conversation) => void;
  readonly change: (id: string, advance: (before: Conversation) => Conversation) => void;
  readonly remove: (id: string) => void;
}

const saveDelayMs = 500;

/** The conversations of this browser; what changes is written down soon after. */
export function useChats(): Chats {
  const store = useMemo(createChatStore, []);
  const [conversations, setConversations] = useState<readonly Conversation[]>();
  const [problem, setProblem] = useState<string>();
  const unsaved = useRef(new Map<string, Conversation>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const fail = useCallback((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    setProblem(`This browser does not keep conversations: ${reason}`);
  }, []);
  const saveAll = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = undefined;
    for (const conversation of unsaved.current.values()) store.save(conversation).catch(fail);
    unsaved.current.clear();
  }, [store, fail]);
  const saveSoon = useCallback(
    (conversation: Conversation) => {
      unsaved.current.set(conversation.id, conversation);
      timer.current ??= setTimeout(saveAll, saveDelayMs);
    },
    [saveAll],
  );
  useEffect(() => {
    store.list().then(setConversations, (error: unknown) => {
      fail(error);
      setConversations([]);
    });
    return saveAll;
  }, [store, fail, saveAll]);
  const add = useCallback(
    (conversation: Conversation) => {
      saveSoon(conversation);
      setConversations((before = []) => [conversation, ...before]);
    },
    [saveSoon],
  );
  const change = useCallback<Chats["change"]>(
    (id, advance) => {
      setConversations((before = []) =>
        before.map((conversation) => {
          if (conversation.id !== id) return conversation;
          const next = advance(conversation);
          saveSoon(next);
          return next;
        }),
      );
    },
    [saveSoon],
  );
  const remove = useCallback(
    (id: string) => {
      unsaved.current.delete(id);
      store.remove(id).catch(fail);
      setConversations((before = []) => before.filter((conversation) => conversation.id !== id));
    },
    [store, fail],
  );
  return { conversations, problem, add, change, remove };
}

export function newConversation(model: string = bundledModelReference): Conversation {
  return {
    id: crypto.randomUUID(),
    title: "New chat",
    changedAtMs: Date.now(),
    model,
    system: "",
    sampling: {},
    messages: [],
    tip: null,
  };
}
