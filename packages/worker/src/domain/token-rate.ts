export interface RateInput {
  readonly tokens: number;
  readonly firstTokenAtMs: number | undefined;
  readonly lastTokenAtMs: number;
  readonly startedAtMs: number;
}

/**
 * Tokens per second of decoding: from the first token on, so that reading the prompt does not
 * count. A single token has no such time; then the time since the request began counts.
 */
export function tokensPerSecond(input: RateInput): number {
  const { tokens, firstTokenAtMs, lastTokenAtMs, startedAtMs } = input;
  if (firstTokenAtMs === undefined || tokens === 0) return 0;
  const decodeMs = lastTokenAtMs - firstTokenAtMs;
  if (tokens > 1 && decodeMs > 0) return roundTenth(((tokens - 1) * 1000) / decodeMs);
  const totalMs = lastTokenAtMs - startedAtMs;
  return totalMs > 0 ? roundTenth((tokens * 1000) / totalMs) : 0;
}

function roundTenth(value: number): number {
  return Math.round(value * 10) / 10;
}
