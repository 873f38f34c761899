import { bundledModelReference } from "@rbee/contract";
import type { Conversation } from "./conversation.ts";
import { newId } from "./new-id.ts";

export function newConversation(
  nowMs: number,
  model: string = bundledModelReference,
): Conversation {
  return {
    id: newId(),
    title: "New chat",
    changedAtMs: nowMs,
    model,
    system: "",
    sampling: {},
    messages: [],
    tip: null,
  };
}

/** The same conversation once more, which goes its own way from here. */
export function copyConversation(conversation: Conversation, id: string): Conversation {
  const { title, messages } = conversation;
  return { ...conversation, id, title: messages.length === 0 ? title : `${title} (copy)` };
}
