import { RbeeError } from "@rbee/contract";

/** How a caller stands after one more request. */
export interface RateStanding {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly isAllowed: boolean;
  /** Requests that may come at once now. */
  readonly remaining: number;
  /** Until a request is allowed again; 0 when one is now. */
  readonly waitMs: number;
  /** Until the whole limit is free again. */
  readonly resetMs: number;
}

/** The standing as OpenAI's clients read it. */
export function rateHeaders({ limit, remaining, resetMs }: RateStanding): Record<string, string> {
  return {
    "x-ratelimit-limit-requests": String(limit),
    "x-ratelimit-remaining-requests": String(remaining),
    "x-ratelimit-reset-requests": formatDuration(resetMs),
  };
}

/** Throws RATE_LIMITED when the request is one too many. */
export function requireRate({ limit, windowSeconds, isAllowed, waitMs }: RateStanding): void {
  if (isAllowed) return;
  const seconds = Math.ceil(waitMs) / 1000;
  const details = { limit, window_seconds: windowSeconds, retry_after_seconds: seconds };
  throw new RbeeError("RATE_LIMITED", details);
}

/** When to ask again, where the error says so; OpenAI's own clients read the milliseconds first. */
export function retryHeaders(error: unknown): Record<string, string> {
  if (!RbeeError.is(error)) return {};
  const { retry_after_seconds: told } = error.details as { retry_after_seconds?: number };
  const seconds = told ?? (RbeeError.is(error, "RATE_LIMITED") ? 1 : undefined);
  if (seconds === undefined) return {};
  return {
    // Whole seconds, and never a moment too early: that would be refused again.
    "retry-after": String(Math.max(1, Math.ceil(seconds))),
    "retry-after-ms": String(Math.ceil(seconds * 1000)),
  };
}

// As OpenAI writes it: 120ms, 1s, 6m0s, 1h0m5s.
function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.ceil(durationMs)}ms`;
  const seconds = Math.ceil(durationMs / 1000);
  const parts: readonly [number, string][] = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join("");
}
