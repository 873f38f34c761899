import { errorToWire } from "@rbee/contract";
import type { TaskEvent } from "@rbee/contract";
import type { SseWriter } from "@rbee/daemon";
import type { DialectTask } from "../openai-shared/admit-dialect-task.ts";
import { storyComment } from "../openai-shared/story-comment.ts";
import { createChoiceAccount, usageOf } from "./choice-account.ts";
import { encodeFrame } from "./choice-voice.ts";
import type { ChoiceVoice } from "./choice-voice.ts";
import { bytesAsText } from "./read-frames.ts";
import { runChoices } from "./run-choices.ts";
import type { ChoiceListener } from "./run-choices.ts";

export interface ChoiceStream {
  readonly tasks: readonly DialectTask[];
  readonly choicesPerPrompt: number;
  readonly correlationId: string;
  readonly voiceOf: (index: number) => ChoiceVoice;
  /** True: what happens is told in comments. */
  readonly hasNarration: boolean;
  /** The last event, around the usage; undefined when it was not asked for. */
  readonly usageEvent: ((usage: ReturnType<typeof usageOf>) => object) | undefined;
}

/**
 * Writes the tokens of all choices as they come. An error is the last event, in OpenAI's form; the
 * end mark follows it.
 */
export async function streamChoices(stream: ChoiceStream, writer: SseWriter): Promise<void> {
  const { tasks, choicesPerPrompt, usageEvent } = stream;
  const accounts = tasks.map(createChoiceAccount);
  const write = (text: string) =>
    text === "" ? undefined : writer.sendFrames(Buffer.from(text, "latin1"));
  try {
    await runChoices({
      tasks,
      signal: writer.signal,
      listenerOf: (task, index) =>
        listen(stream, { task, index, write, note: accounts[index]?.note }),
    });
    if (usageEvent !== undefined) {
      await write(encodeFrame(usageEvent(usageOf(accounts, choicesPerPrompt))));
    }
  } catch (error) {
    await write(encodeFrame({ error: errorToWire(error, stream.correlationId) }));
  }
}

interface Listening {
  readonly task: DialectTask;
  readonly index: number;
  readonly write: (text: string) => Promise<void> | undefined;
  readonly note: ((event: TaskEvent) => void) | undefined;
}

function listen(stream: ChoiceStream, { task, index, write, note }: Listening): ChoiceListener {
  const { hasNarration } = stream;
  const voice = stream.voiceOf(index);
  let pending = "";
  return {
    token: (json) => void (pending += voice.token(json)),
    event(event) {
      note?.(event);
      pending += bytesAsText(storyComment(event, { task, hasNarration }));
      pending += voice.event(event);
    },
    flush() {
      const text = pending;
      pending = "";
      return write(text);
    },
  };
}
