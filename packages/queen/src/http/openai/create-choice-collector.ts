import type { InferenceDone, TaskEvent, TokenEvent, ToolCallOnWire } from "@rbee/contract";
import { textOfBytes } from "./read-frames.ts";

/** A choice that was kept for one answer. */
export interface CollectedChoice {
  readonly text: string;
  readonly calls: readonly ToolCallOnWire[];
  readonly logprobs: readonly NonNullable<TokenEvent["logprob"]>[];
  readonly stopReason: InferenceDone["stop_reason"];
}

/** Keeps what the task of one choice tells. */
export function createChoiceCollector() {
  const texts: string[] = [];
  const logprobs: NonNullable<TokenEvent["logprob"]>[] = [];
  const calls: ToolCallOnWire[] = [];
  let stopReason: InferenceDone["stop_reason"] = "EOS";
  return {
    token: (json: string): void => void texts.push(JSON.parse(textOfBytes(json)) as string),
    event(event: TaskEvent): void {
      if (event.type === "done") stopReason = event.stop_reason;
      if (event.type === "tool-call") addPiece(calls, event);
      if (event.type !== "token") return;
      texts.push(event.token);
      if (event.logprob !== undefined) logprobs.push(event.logprob);
    },
    collected: (): CollectedChoice => ({ text: texts.join(""), calls, logprobs, stopReason }),
  };
}

type Piece = Extract<TaskEvent, { type: "tool-call" }>;

function addPiece(calls: ToolCallOnWire[], { index, id, name, arguments: text }: Piece): void {
  const known = calls[index];
  const { name: knownName = "", arguments: knownText = "" } = known?.function ?? {};
  calls[index] = {
    id: id ?? known?.id ?? "",
    type: "function",
    function: { name: name ?? knownName, arguments: knownText + text },
  };
}
