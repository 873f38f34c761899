import { generationFields } from "@rbee/contract";
import { z } from "zod";

/** How an answer came about, once it is over. */
export const AnswerFigures = z.object({
  node: z.string().nullable(),
  tokens: z.number(),
  tokensPerSecond: z.number(),
  timeToFirstTokenMs: z.number().nullable(),
  /** Why it ended: a stop reason, `STOPPED` by the person, or the code of an error. */
  ended: z.string(),
});
export type AnswerFigures = z.infer<typeof AnswerFigures>;

export const ChatMessage = z.object({
  id: z.string(),
  /** What it follows; null for the first. Several may follow one message: these are branches. */
  parent: z.string().nullable(),
  role: z.enum(["user", "assistant"]),
  text: z.string(),
  /** Of an answer: the model that was asked. */
  model: z.string().optional(),
  figures: AnswerFigures.optional(),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

// With the bounds of the queen, so that nothing is kept that she would refuse.
const { temperature, top_p, top_k, min_p, repetition_penalty, max_tokens, seed } = generationFields;
const ChatSampling = z.object({
  temperature,
  top_p,
  top_k,
  min_p,
  repetition_penalty,
  max_tokens,
  seed,
});
export type ChatSampling = z.infer<typeof ChatSampling>;

export const Conversation = z.object({
  id: z.string(),
  title: z.string(),
  changedAtMs: z.number(),
  model: z.string(),
  system: z.string(),
  /** What another version of this page kept and the queen would refuse is dropped. */
  sampling: ChatSampling.catch({}),
  messages: z.array(ChatMessage),
  /** The last message of the branch that is shown; null while there is none. */
  tip: z.string().nullable(),
});
export type Conversation = z.infer<typeof Conversation>;

const titleCharactersMax = 60;

/** The messages of the branch that is shown, first to last. */
export function pathOf({ messages, tip }: Conversation): readonly ChatMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const path: ChatMessage[] = [];
  for (let at = tip; at !== null;) {
    const message = byId.get(at);
    // A file that was written by hand may lead in a circle.
    if (message === undefined || path.length > messages.length) break;
    path.unshift(message);
    at = message.parent;
  }
  return path;
}

/** The messages that stand in the same place, among them this one, oldest first. */
export function siblingsOf(
  conversation: Conversation,
  message: ChatMessage,
): readonly ChatMessage[] {
  return conversation.messages.filter(
    ({ parent, role }) => parent === message.parent && role === message.role,
  );
}

/** Adds a message; the branch that it ends is shown. The first question gives the title. */
export function addMessage(
  conversation: Conversation,
  message: ChatMessage,
  nowMs: number,
): Conversation {
  const isFirst = conversation.messages.length === 0 && message.role === "user";
  return {
    ...conversation,
    title: isFirst ? titleOf(message.text) : conversation.title,
    changedAtMs: nowMs,
    messages: [...conversation.messages, message],
    tip: message.id,
  };
}

export function changeMessage(
  conversation: Conversation,
  id: string,
  patch: Partial<Pick<ChatMessage, "text" | "figures">>,
): Conversation {
  const messages = conversation.messages.map((message) =>
    message.id === id ? { ...message, ...patch } : message,
  );
  return { ...conversation, messages };
}

/** Shows the branch with this message, down to its newest end. */
export function showBranch(conversation: Conversation, id: string): Conversation {
  let tip = id;
  for (let steps = 0; steps <= conversation.messages.length; steps += 1) {
    const next = conversation.messages.findLast(({ parent }) => parent === tip);
    if (next === undefined) break;
    tip = next.id;
  }
  return { ...conversation, tip };
}

/**
 * What is kept of a conversation that two tabs went on with: this tab's, and the messages that are
 * only in the other's. They are branches there; nothing that was said is lost.
 */
export function joinConversations(
  kept: Conversation | undefined,
  conversation: Conversation,
): Conversation {
  const own = new Set(conversation.messages.map(({ id }) => id));
  const others = kept?.messages.filter(({ id }) => !own.has(id)) ?? [];
  if (others.length === 0) return conversation;
  return { ...conversation, messages: [...conversation.messages, ...others] };
}

export interface PromptMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/**
 * What the model is given: the system prompt, then the branch up to a message and with it. Answers
 * without a word are left out, and what was asked twice in a row is one question: many models
 * insist that questions and answers take turns.
 */
export function promptOf(conversation: Conversation, lastId: string): readonly PromptMessage[] {
  const { system } = conversation;
  const prompt: PromptMessage[] = system.trim() === "" ? [] : [{ role: "system", content: system }];
  for (const { role, text } of pathOf({ ...conversation, tip: lastId })) {
    const last = prompt.at(-1);
    if (role === "assistant" && text === "") continue;
    if (last?.role === role) {
      prompt[prompt.length - 1] = { role, content: `${last.content}\n\n${text}` };
    } else prompt.push({ role, content: text });
  }
  return prompt;
}

export function renameConversation(conversation: Conversation, title: string): Conversation {
  const trimmed = title.trim();
  return trimmed === "" ? conversation : { ...conversation, title: trimmed };
}

function titleOf(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length > titleCharactersMax ? `${line.slice(0, titleCharactersMax - 1)}…` : line;
}
