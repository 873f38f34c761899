import type { Narration, ProgressEvent } from "@rbee/contract";
import type { Failure } from "../../parts/describe-failure.ts";
import type { AskModel } from "./ask-model.ts";
import { createChatSaver } from "./chat-saver.ts";
import type { ChatStore } from "./chat-store.ts";
import type { Conversation } from "./conversation.ts";
import { copyConversation } from "./new-conversation.ts";
import { createTalks } from "./create-talks.ts";
import type { Talks } from "./create-talks.ts";

/** An answer on its way; its text so far is in the conversation. */
export interface RunningAnswer {
  readonly messageId: string;
  readonly lines: readonly Narration[];
  readonly progress: ProgressEvent | undefined;
}

export interface ChatRoomView {
  /** Undefined until the browser's store was read. */
  readonly conversations: readonly Conversation[] | undefined;
  /** What the browser's store said when it failed. */
  readonly problem: string | undefined;
  /** Those that the person looks at: one, or two side by side. */
  readonly openIds: readonly string[];
  /** By the id of the conversation. */
  readonly answers: Readonly<Record<string, RunningAnswer | undefined>>;
  /** How the last answer of a conversation failed. */
  readonly failures: Readonly<Record<string, Failure | undefined>>;
}

export type Advance = (before: Conversation) => Conversation;

/**
 * The conversations of this browser and the answers on their way. It lives as long as the page in
 * the browser does: an answer goes on while the person looks at another part of the console.
 */
export interface ChatRoom extends Talks {
  readonly current: () => ChatRoomView;
  readonly subscribe: (listener: () => void) => () => void;
  readonly open: (ids: readonly string[]) => void;
  readonly add: (conversation: Conversation) => void;
  /** Takes conversations in from a file; what is here already comes in as a copy. */
  readonly takeIn: (found: readonly Conversation[]) => void;
  readonly change: (id: string, advance: Advance) => void;
  readonly remove: (id: string) => void;
  /** Writes down what is not written yet. */
  readonly flush: () => void;
}

export interface ChatRoomParts {
  readonly store: ChatStore;
  readonly ask: AskModel;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

const empty: ChatRoomView = {
  conversations: undefined,
  problem: undefined,
  openIds: [],
  answers: {},
  failures: {},
};

export function createChatRoom(parts: ChatRoomParts): ChatRoom {
  const listeners = new Set<() => void>();
  let view = empty;
  const set = (patch: Partial<ChatRoomView>) => {
    view = { ...view, ...patch };
    for (const listener of listeners) listener();
  };
  const fail = (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    set({ problem: `This browser does not keep conversations: ${reason}` });
  };
  const saver = createChatSaver(parts.store, fail);
  const change: ChatRoom["change"] = (id, advance) => {
    const conversations = view.conversations?.map((one) => (one.id === id ? advance(one) : one));
    const changed = conversations?.find((one) => one.id === id);
    set({ conversations });
    if (changed !== undefined) saver.soon(changed);
  };
  const add = (conversation: Conversation) => {
    saver.soon(conversation);
    set({ conversations: [conversation, ...(view.conversations ?? [])] });
  };
  const { flush } = saver;
  const talks = createTalks({ parts, current: () => view, set, change, flush });
  parts.store.list().then(
    (kept) => set({ conversations: [...(view.conversations ?? []), ...kept] }),
    (error: unknown) => {
      fail(error);
      set({ conversations: view.conversations ?? [] });
    },
  );
  return {
    ...talks,
    current: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    open: (openIds) => set({ openIds }),
    add,
    takeIn(found) {
      for (const one of found) {
        const isHere = view.conversations?.some(({ id }) => id === one.id) === true;
        add(isHere ? copyConversation(one, parts.newId()) : one);
      }
    },
    change,
    remove(id) {
      talks.stop(id);
      saver.forget(id);
      set({
        conversations: view.conversations?.filter((one) => one.id !== id),
        openIds: view.openIds.filter((other) => other !== id),
      });
    },
    flush,
  };
}
