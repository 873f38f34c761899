import { errorToWire } from "@rbee/contract";
import type { TaskEvent } from "@rbee/contract";
import type { SseWriter } from "@rbee/daemon";
import type { DialectTask } from "../openai-shared/admit-dialect-task.ts";
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
      listenerOf: (index) => listen(stream, { index, write, note: accounts[index]?.note }),
    });
    if (usageEvent !== undefined) {
      await write(encodeFrame(usageEvent(usageOf(accounts, choicesPerPrompt))));
    }
  } catch (error) {
    await write(encodeFrame({ error: errorToWire(error, stream.correlationId) }));
  }
}

interface Listening {
  readonly index: number;
  readonly write: (text: string) => Promise<void> | undefined;
  readonly note: ((event: TaskEvent) => void) | undefined;
}

function listen(stream: ChoiceStream, { index, write, note }: Listening): ChoiceListener {
  const voice = stream.voiceOf(index);
  const task = stream.tasks[index];
  let pending = "";
  return {
    token: (json) => void (pending += voice.token(json)),
    event(event) {
      note?.(event);
      pending += commentOf(event, stream.hasNarration) + placedComment(event, task);
      pending += voice.event(event);
    },
    flush() {
      const text = pending;
      pending = "";
      return write(text);
    },
  };
}

const storyTypes: ReadonlySet<string> = new Set(["accepted", "narration", "progress", "metrics"]);

function commentOf(event: TaskEvent, hasNarration: boolean): string {
  return hasNarration && storyTypes.has(event.type) ? comment(event) : "";
}

// Which worker it became, where the head of the answer could not say so.
function placedComment(event: TaskEvent, task: DialectTask | undefined): string {
  if (event.type !== "started" || task === undefined) return "";
  const { record, outlook } = task;
  const { node, workerId } = record.state();
  if (workerId === null || workerId === outlook.workerId) return "";
  return comment({ type: "placed", task_id: record.id, node, worker_id: workerId });
}

// A line of the stream that other clients skip; JSON has no line breaks of its own.
function comment(event: object): string {
  return bytesAsText(`: ${JSON.stringify(event)}\n\n`);
}
