import { timings } from "@rbee/contract";
import type { ProgressEvent } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import { describeCause } from "./describe-cause.ts";

interface Listener {
  readonly narrate: Narrate;
  readonly onProgress: (event: ProgressEvent) => void;
}

interface Break {
  /** What broke, and where: `bee.gguf broke off at 2.0 MB`. */
  readonly what: string;
  readonly error: unknown;
  /** The one that comes next. */
  readonly attempt: number;
  readonly delayMs: number;
}

/** Says why an attempt broke and when the next one begins. */
export function tellBreak(listener: Listener, { what, error, attempt, delayMs }: Break): void {
  const of = timings.downloadAttempts;
  const reason = describeCause(error);
  const human = `${what}: ${reason}`;
  listener.narrate({
    action: "download-retry",
    level: "warn",
    human,
    cute: `🔌 ${human}`,
    attempt,
    attempts_max: of,
    delay_ms: delayMs,
  });
  listener.onProgress({
    type: "progress",
    stage: "retrying",
    attempt,
    of,
    delay_ms: delayMs,
    reason,
  });
}
