import type { Narration, ProgressEvent } from "@rbee/contract";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Failure } from "../../parts/describe-failure.ts";
import { useSession } from "../../state/console-context.tsx";
import { askModel } from "./ask-model.ts";
import { addMessage, changeMessage, promptOf } from "./conversation.ts";
import type { ChatMessage, Conversation } from "./conversation.ts";
import type { Chats } from "./use-chats.ts";

/** An answer on its way; its text so far is in the conversation. */
export interface RunningAnswer {
  readonly messageId: string;
  readonly lines: readonly Narration[];
  readonly progress: ProgressEvent | undefined;
}

export interface Talk {
  readonly running: RunningAnswer | undefined;
  /** How the last answer failed. */
  readonly failure: Failure | undefined;
  /** Says something after a message (null: at the beginning), and lets the model answer. */
  readonly say: (text: string, parent: string | null) => void;
  /** Lets the model answer a question once more, beside what it said before. */
  readonly answerAgain: (question: ChatMessage) => void;
  readonly stop: () => void;
}

/** What a person does with one conversation. One answer at a time. */
export function useTalk(conversation: Conversation, change: Chats["change"]): Talk {
  const { queen } = useSession();
  const [running, setRunning] = useState<RunningAnswer>();
  const [failure, setFailure] = useState<Failure>();
  const controller = useRef<AbortController>(undefined);
  const { id } = conversation;
  const answer = useCallback(
    (asked: Conversation, questionId: string) => {
      controller.current?.abort();
      const current = new AbortController();
      controller.current = current;
      const messageId = crypto.randomUUID();
      const { model, sampling } = asked;
      const empty = {
        id: messageId,
        parent: questionId,
        role: "assistant",
        text: "",
        model,
      } as const;
      setFailure(undefined);
      setRunning({ messageId, lines: [], progress: undefined });
      change(id, (before) => addMessage(before, empty, Date.now()));
      const messages = promptOf(asked, questionId).map((message) => ({ ...message }));
      void askModel({
        queen,
        request: { model, messages, ...sampling },
        signal: current.signal,
        onProgress({ text, lines, progress }) {
          setRunning({ messageId, lines, progress });
          change(id, (before) => changeMessage(before, messageId, { text }));
        },
      }).then(({ text, figures, failure: problem }) => {
        change(id, (before) => changeMessage(before, messageId, { text, figures }));
        if (controller.current !== current) return;
        setRunning(undefined);
        setFailure(problem);
      });
    },
    [queen, id, change],
  );
  const say = useCallback(
    (text: string, parent: string | null) => {
      const question = { id: crypto.randomUUID(), parent, role: "user", text } as const;
      const asked = addMessage(conversation, question, Date.now());
      change(id, (before) => addMessage(before, question, Date.now()));
      answer(asked, question.id);
    },
    [conversation, id, change, answer],
  );
  const stop = useCallback(() => controller.current?.abort(), []);
  // Who leaves the page does not want the answer any more.
  useEffect(() => () => controller.current?.abort(), [id]);
  return {
    running,
    failure,
    say,
    answerAgain: ({ id: question }) => answer(conversation, question),
    stop,
  };
}
