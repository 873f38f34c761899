import type {
  InferenceDone,
  InferenceResult,
  MetricsEvent,
  StartedEvent,
  ToolCallEvent,
  ToolCallOnWire,
} from "@rbee/contract";
import type { TokenLogprob } from "../engine.ts";
import type { ToolCallPiece } from "./divide-calls.ts";
import type { GenerationTotals } from "./follow-generation.ts";

/**
 * One token as a frame of the stream. This runs for every token of every request, so only the text
 * goes through the JSON encoder.
 */
export function encodeTokenFrame(
  text: string,
  index: number,
  logprob: TokenLogprob | undefined,
): string {
  const end = logprob === undefined ? "" : `,"logprob":${JSON.stringify(logprob)}`;
  return `data: {"type":"token","token":${JSON.stringify(text)},"index":${index}${end}}\n\n`;
}

export function startedToWire(
  requestId: string,
  promptTokens: number,
  cachedTokens: number,
): StartedEvent {
  return {
    type: "started",
    request_id: requestId,
    prompt_tokens: promptTokens,
    cached_tokens: cachedTokens,
  };
}

export function toolCallToWire(piece: ToolCallPiece): ToolCallEvent {
  return { ...piece };
}

export function metricsToWire(tokens: number, tokensPerSecond: number): MetricsEvent {
  return { type: "metrics", tokens_per_sec: tokensPerSecond, tokens };
}

export function doneToWire(totals: GenerationTotals): InferenceDone {
  return { type: "done", done: true, ...figuresToWire(totals) };
}

export interface WholeText {
  readonly requestId: string;
  readonly text: string;
  readonly logprobs: InferenceResult["logprobs"];
  readonly calls: ToolCallOnWire[];
}

export function resultToWire(whole: WholeText, totals: GenerationTotals): InferenceResult {
  return {
    request_id: whole.requestId,
    text: whole.text,
    ...figuresToWire(totals),
    cached_tokens: totals.cachedTokens,
    ...(whole.calls.length === 0 ? {} : { tool_calls: whole.calls }),
    ...(whole.logprobs === undefined ? {} : { logprobs: whole.logprobs }),
  };
}

function figuresToWire(totals: GenerationTotals) {
  return {
    total_tokens: totals.tokens,
    duration_ms: totals.durationMs,
    stop_reason: totals.stopReason,
    prompt_tokens: totals.promptTokens,
    time_to_first_token_ms: totals.timeToFirstTokenMs ?? null,
    tokens_per_sec: totals.tokensPerSecond,
  };
}
