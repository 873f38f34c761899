import { timings } from "@rbee/contract";

export interface LoadingClock {
  readonly startedMs: number;
  readonly lastProgressMs: number;
  /** When the person was last told that nothing moves. */
  readonly lastNoticeMs: number;
}

/** What to do about a model that loads: wait, tell that nothing moves, or give up. */
export function judgeLoading(
  clock: LoadingClock,
  nowMs: number,
  limitMs: number,
): "wait" | "notice" | "timeout" {
  if (nowMs - clock.startedMs >= limitMs) return "timeout";
  const quietSinceMs = Math.max(clock.lastProgressMs, clock.lastNoticeMs);
  return nowMs - quietSinceMs >= timings.loadQuietNoticeMs ? "notice" : "wait";
}
