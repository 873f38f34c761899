import type { ChatRoom, ChatRoomParts, ChatRoomView } from "./chat-room.ts";
import { addMessage, changeMessage, promptOf } from "./conversation.ts";
import type { Conversation } from "./conversation.ts";

export interface Talks {
  /** Says something after a message (null: at the beginning), and lets the model answer. */
  readonly say: (id: string, text: string, parent: string | null) => void;
  /** The same after the last message that is shown. */
  readonly sayNext: (id: string, text: string) => void;
  /** Lets the model answer a question once more, beside what it said before. */
  readonly answerAgain: (id: string, questionId: string) => void;
  readonly stop: (id: string) => void;
}

interface TalkWorld {
  readonly parts: ChatRoomParts;
  readonly current: () => ChatRoomView;
  readonly set: (patch: Partial<ChatRoomView>) => void;
  readonly change: ChatRoom["change"];
  readonly flush: ChatRoom["flush"];
}

/** What a person does with a conversation: one answer at a time in each. */
export function createTalks(world: TalkWorld): Talks {
  const { parts, current, set, change, flush } = world;
  const running = new Map<string, AbortController>();
  const find = (id: string) => current().conversations?.find((one) => one.id === id);
  const note = (id: string, patch: NotePatch) => set(addNote(current(), id, patch));
  const answer = (asked: Conversation, questionId: string) => {
    const { id, model, sampling } = asked;
    running.get(id)?.abort();
    const controller = new AbortController();
    running.set(id, controller);
    const messageId = parts.newId();
    const begun = {
      id: messageId,
      parent: questionId,
      role: "assistant",
      text: "",
      model,
    } as const;
    change(id, (before) => addMessage(before, begun, parts.nowMs()));
    note(id, { answer: { messageId, lines: [], progress: undefined } });
    const messages = promptOf(asked, questionId).map((message) => ({ ...message }));
    void parts
      .ask({
        request: { model, messages, ...sampling },
        signal: controller.signal,
        onProgress({ text, lines, progress }) {
          change(id, (before) => changeMessage(before, messageId, { text }));
          if (running.get(id) === controller) note(id, { answer: { messageId, lines, progress } });
        },
      })
      .then(({ text, figures, failure }) => {
        change(id, (before) => changeMessage(before, messageId, { text, figures }));
        // At once: the person may leave now that the answer is there.
        flush();
        if (running.get(id) !== controller) return;
        running.delete(id);
        note(id, { failure });
      });
  };
  const say: Talks["say"] = (id, text, parent) => {
    const conversation = find(id);
    if (conversation === undefined) return;
    const question = { id: parts.newId(), parent, role: "user", text } as const;
    change(id, (before) => addMessage(before, question, parts.nowMs()));
    answer(addMessage(conversation, question, parts.nowMs()), question.id);
  };
  return {
    say,
    sayNext: (id, text) => say(id, text, find(id)?.tip ?? null),
    answerAgain(id, questionId) {
      const conversation = find(id);
      if (conversation !== undefined) answer(conversation, questionId);
    },
    stop: (id) => running.get(id)?.abort(),
  };
}

interface NotePatch {
  readonly answer?: ChatRoomView["answers"][string];
  readonly failure?: ChatRoomView["failures"][string];
}

function addNote(
  { answers, failures }: ChatRoomView,
  id: string,
  { answer, failure }: NotePatch,
): Partial<ChatRoomView> {
  return { answers: { ...answers, [id]: answer }, failures: { ...failures, [id]: failure } };
}
