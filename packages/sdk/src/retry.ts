import { sdkLimits } from "@rbee/contract";
import { judgeRetry } from "./judge-retry.ts";
import { findRetryAfterMs } from "./retry-after.ts";

export interface RetryOptions {
  /** Further attempts after the first. */
  readonly retries: number;
  readonly isIdempotent: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks until there is an answer, the attempts are used up, or the failure is one that stays. Waits
 * double and are spread, so that many clients do not come back together; an answer that names its
 * own wait (Retry-After) is heeded, or thrown when that is too long.
 */
export async function retry<Answer>(
  attempt: () => Promise<Answer>,
  { retries, isIdempotent, signal }: RetryOptions,
): Promise<Answer> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      const waitMs = waitOf(error, failures);
      const mayWait = waitMs <= sdkLimits.retryAfterMaxMs;
      if (failures >= retries || !mayWait || !judgeRetry(error, isIdempotent)) throw error;
      await pause(waitMs, signal);
    }
  }
}

function waitOf(error: unknown, failures: number): number {
  const { retryDelayFirstMs: first, retryDelayMaxMs: max } = sdkLimits;
  const wished = findRetryAfterMs(error);
  // A little later than asked for, never earlier.
  if (wished !== undefined) return wished * (1 + Math.random() / 10);
  return Math.min(max, first * 2 ** failures) * (1 - Math.random() / 2);
}

async function pause(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, waitMs);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
