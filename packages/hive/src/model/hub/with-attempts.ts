import { setTimeout as wait } from "node:timers/promises";
import { RbeeError, timings } from "@rbee/contract";
import { WriteError } from "./byte-sink.ts";
import { HubRefusal } from "./hub-refusal.ts";

interface AttemptRules {
  readonly signal: AbortSignal;
  /** Before each wait: what broke, which attempt comes next, and in how long. */
  readonly onBreak: (error: unknown, attempt: number, delayMs: number) => void;
}

/**
 * Tries again what a bad line breaks, with growing waits. Throws the last failure, and at once what
 * would only fail again: what the hub is sure of, what is wrong here, and the
 * signal's reason.
 */
export async function withAttempts<Result>(
  work: () => Promise<Result>,
  { signal, onBreak }: AttemptRules,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error) || attempt === timings.downloadAttempts) throw error;
      const delayMs = delayBefore(attempt + 1, error);
      onBreak(error, attempt + 1, delayMs);
      await wait(delayMs, undefined, { signal });
    }
  }
}

function isFinal(error: unknown): boolean {
  if (error instanceof HubRefusal) return error.isFinal;
  return RbeeError.is(error) || error instanceof WriteError;
}

function delayBefore(attempt: number, error: unknown): number {
  const { downloadDelayFirstMs, downloadDelayMaxMs, downloadRetryAfterMaxMs } = timings;
  const own = Math.min(downloadDelayMaxMs, downloadDelayFirstMs * 2 ** (attempt - 2));
  // A hub that is busy says when to come back; one that asks for more patience than a person has
  // is asked sooner.
  const wanted = error instanceof HubRefusal ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(own, Math.min(wanted, downloadRetryAfterMaxMs));
}
