import { timings } from "@rbee/contract";

/** What is lost is to be known within the limit, however the checks fall. */
export const silenceCheckMs = timings.connectionLostMs / 25;
const silentChecksMax = (timings.connectionLostMs - silenceCheckMs) / silenceCheckMs;

export interface Liveness {
  /** Bytes came, whatever they say. */
  readonly noteBytes: () => void;
  readonly noteTokens: () => void;
  readonly stop: () => void;
}

export interface LivenessInput {
  /** So long without a token is the end, even when keep-alives come. */
  readonly tokenStallMs: number;
  /** False where somebody else sees to it. */
  readonly watchesSilence: boolean;
  /** A reader that is slow keeps us from reading; that silence is not the worker's. */
  readonly isHeld: () => boolean;
  readonly onEnd: (kind: "silent" | "stalled") => void;
}

/**
 * Watches any number of streams with one timer. It counts checks instead of reading the time for
 * each token; a process that was stopped itself takes nobody for silent when it goes on.
 */
export function createStreamClock() {
  const checks = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  const tick = () => {
    for (const check of checks) check();
  };
  const remove = (check: () => void) => {
    checks.delete(check);
    if (checks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    watch({ tokenStallMs, watchesSilence, isHeld, onEnd }: LivenessInput): Liveness {
      let checksWithoutBytes = 0;
      let checksWithoutTokens = 0;
      const check = () => {
        if (isHeld()) {
          checksWithoutBytes = checksWithoutTokens = 0;
          return;
        }
        checksWithoutBytes += 1;
        checksWithoutTokens += 1;
        if (watchesSilence && checksWithoutBytes > silentChecksMax) onEnd("silent");
        else if ((checksWithoutTokens - 1) * silenceCheckMs > tokenStallMs) onEnd("stalled");
      };
      checks.add(check);
      timer ??= setInterval(tick, silenceCheckMs);
      return {
        noteBytes: () => void (checksWithoutBytes = 0),
        noteTokens: () => void (checksWithoutTokens = 0),
        stop: () => remove(check),
      };
    },
  };
}

export type StreamClock = ReturnType<typeof createStreamClock>;
