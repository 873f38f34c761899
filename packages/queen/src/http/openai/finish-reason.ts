import type { ChatFinishReason, InferenceDone } from "@rbee/contract";

type StopReason = InferenceDone["stop_reason"];

/** Why a chat ended: to call functions when it called any, however the text ended. */
export function chatFinishReason(reason: StopReason, calls: number): ChatFinishReason {
  if (reason === "MAX_TOKENS") return "length";
  return calls > 0 ? "tool_calls" : "stop";
}

/** Why a text ended. */
export function textFinishReason(reason: StopReason): "stop" | "length" {
  return reason === "MAX_TOKENS" ? "length" : "stop";
}
