import type { AnswerFigures } from "./conversation.ts";

const ends: Readonly<Record<string, string>> = {
  EOS: "",
  STOP_SEQUENCE: "",
  MAX_TOKENS: "reached the limit of tokens",
  CANCELLED: "stopped",
  STOPPED: "stopped by you",
};

/** `20 tokens, 31.5 tokens/s, first after 120 ms, on mac`. */
export function describeFigures(figures: AnswerFigures): string {
  const { node, tokens, tokensPerSecond, timeToFirstTokenMs: first, ended } = figures;
  const parts = [
    tokens === 1 ? "1 token" : `${tokens} tokens`,
    tokensPerSecond > 0 ? `${tokensPerSecond.toFixed(1)} tokens/s` : "",
    first === null ? "" : `first after ${Math.round(first)} ms`,
    node === null ? "" : `on ${node}`,
    ends[ended] ?? `ended with ${ended}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
