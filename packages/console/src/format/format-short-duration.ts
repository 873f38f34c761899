import { formatDuration } from "./format-duration.ts";

/** `340 ms`, `3.4 s`, then as `formatDuration`: for what is over, however short it was. */
export function formatShortDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return formatDuration(milliseconds);
}
