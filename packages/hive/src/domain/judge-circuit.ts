import { timings } from "@rbee/contract";

export type Circuit =
  | { readonly isOpen: false }
  | { readonly isOpen: true; readonly crashes: number; readonly retryAfterMs: number };

/** The crashes of one model that still count. */
export function recentCrashes(crashesMs: readonly number[], nowMs: number): readonly number[] {
  return crashesMs.filter((crashMs) => nowMs - crashMs < timings.circuitWindowMs);
}

/** After too many crashes of one model within the window, starting it pauses until one is old. */
export function judgeCircuit(crashesMs: readonly number[], nowMs: number): Circuit {
  const recent = recentCrashes(crashesMs, nowMs);
  if (recent.length < timings.circuitCrashesMax) return { isOpen: false };
  const closing = recent[recent.length - timings.circuitCrashesMax] ?? nowMs;
  const retryAfterMs = timings.circuitWindowMs - (nowMs - closing);
  return { isOpen: true, crashes: recent.length, retryAfterMs };
}
