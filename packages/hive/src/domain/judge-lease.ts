export interface LeaseFacts {
  /** Instance id of the queen that started this hive, or `operator`. */
  readonly startedBy: string;
  readonly queenStreams: number;
  /** When a queen's stream was last open; at first, when the hive started. */
  readonly lastOpenMs: number;
}

export const operator = "operator";

/** How long the hive still waits for its queen; null when it waits for none. */
export function leaseLeftMs(lease: LeaseFacts, nowMs: number, limitMs: number): number | null {
  if (lease.startedBy === operator || lease.queenStreams > 0) return null;
  return Math.max(0, limitMs - (nowMs - lease.lastOpenMs));
}
