import type { GenerateEvent } from "../engine.ts";
import type { AnswerPiece, ToolCallReader } from "../tools/tool-call-reader.ts";

/** A piece of a function call; `id` and `name` come with the first piece of each. */
export interface ToolCallPiece {
  readonly type: "tool-call";
  readonly index: number;
  readonly id?: string;
  readonly name?: string;
  readonly arguments: string;
}

type TokenEvent = Extract<GenerateEvent, { type: "token" }>;

/**
 * Takes function calls out of the text of a generation. Their tokens go on, with no text. Text that
 * may yet become a call is held back: so the last token waits for the next one, and brings what is
 * left when the answer ends there.
 */
export async function* divideCalls(
  events: AsyncIterable<GenerateEvent>,
  reader: ToolCallReader,
  createId: () => string,
): AsyncGenerator<GenerateEvent | ToolCallPiece, void, void> {
  let waiting: TokenEvent | undefined;
  for await (const event of events) {
    if (event.type === "token") {
      if (waiting !== undefined) yield waiting;
      const pieces = reader.push(event.text);
      const token = { ...event, text: joinText(pieces) };
      waiting = reader.holdsText ? token : undefined;
      if (waiting === undefined) yield token;
      yield* listCalls(pieces, createId);
    } else {
      if (event.type === "end" && waiting !== undefined) {
        yield { ...waiting, text: waiting.text + joinText(reader.finish()) };
      }
      yield event;
    }
  }
}

function joinText(pieces: readonly AnswerPiece[]): string {
  return pieces.map((piece) => (piece.type === "text" ? piece.text : "")).join("");
}

function listCalls(pieces: readonly AnswerPiece[], createId: () => string): ToolCallPiece[] {
  return pieces.flatMap((piece) => {
    if (piece.type === "text") return [];
    const { index, name, arguments: text } = piece;
    const first = name === undefined ? {} : { id: createId(), name };
    return [{ type: "tool-call" as const, index, ...first, arguments: text }];
  });
}
