import { RbeeError } from "@rbee/contract";
import type { InferenceDone, TaskEvent, ToolCallEvent, ToolCallOnWire } from "@rbee/contract";

/** What a task comes to: everything of its stream that is worth keeping. */
export interface AnswerResult extends Omit<InferenceDone, "type" | "done"> {
  readonly text: string;
  readonly tool_calls: readonly ToolCallOnWire[];
}

export type AnswerEvent = Exclude<TaskEvent, { readonly type: "error" }>;

/**
 * A task on its way. It is read once: as events, as pieces of text, or to its end. Nothing is asked
 * before that begins; leaving a loop early cancels the task.
 */
export interface Answer extends AsyncIterable<AnswerEvent> {
  /** The text as it comes. */
  readonly texts: () => AsyncGenerator<string, void, void>;
  /** The whole text. */
  readonly text: () => Promise<string>;
  /** The text, the calls of functions, and what it cost. */
  readonly result: () => Promise<AnswerResult>;
}

export function createAnswer(events: AsyncGenerator<AnswerEvent, void, void>): Answer {
  let isRead = false;
  const read = () => {
    if (isRead) throw new Error("this answer is read already; ask again for another one");
    isRead = true;
    return events;
  };
  return {
    [Symbol.asyncIterator]: read,
    async *texts() {
      for await (const event of read()) {
        if (event.type === "token" && event.token !== "") yield event.token;
      }
    },
    text: async () => (await collect(read())).text,
    result: async () => await collect(read()),
  };
}

async function collect(events: AsyncIterable<AnswerEvent>): Promise<AnswerResult> {
  const calls = new Map<number, ToolCallOnWire>();
  let text = "";
  for await (const event of events) {
    if (event.type === "token") text += event.token;
    if (event.type === "tool-call") addPiece(calls, event);
    if (event.type === "done") {
      const { type: _type, done: _done, ...figures } = event;
      return { ...figures, text, tool_calls: [...calls.values()] };
    }
  }
  throw new RbeeError("SSE_CLOSED", { tokens_generated: 0, max_tokens: null });
}

function addPiece(calls: Map<number, ToolCallOnWire>, piece: ToolCallEvent): void {
  const { id = "", name = "", index } = piece;
  const call = calls.get(index) ?? { id, type: "function", function: { name, arguments: "" } };
  const whole = { ...call.function, arguments: call.function.arguments + piece.arguments };
  calls.set(index, { ...call, function: whole });
}
