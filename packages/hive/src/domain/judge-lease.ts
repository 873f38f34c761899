export interface LeaseFacts {
  /** Instance id of the queen that started this hive, or `operator`. */
  readonly startedBy: string;
  readonly queenStreams: number;
  /** When a queen's stream was last open; at first, when the hive started. */
  readonly lastOpenMs: number;
  /** When the queen last said that she hears; null while she never did. */
  readonly lastRenewedMs: number | null;
}

export interface LeaseLimits {
  readonly limitMs: number;
  /** A queen who renews her lease and then says nothing for so long does not hear any more. */
  readonly silenceMs: number;
}

export interface Lease {
  /** A queen listens. */
  readonly isHeld: boolean;
  /** How long the hive still waits for its queen; null when it waits for none. */
  readonly leftMs: number | null;
  /** When to look again; null when only an event can change it. */
  readonly lookInMs: number | null;
}

export const operator = "operator";

/**
 * An open stream may have lost its reader without a word: a cable that is cut ends no connection.
 * So a queen who renews her lease holds it for as long as she does; the wait counts from the last
 * time.
 */
export function judgeLease(lease: LeaseFacts, nowMs: number, limits: LeaseLimits): Lease {
  const { startedBy, queenStreams, lastOpenMs, lastRenewedMs } = lease;
  const { limitMs, silenceMs } = limits;
  if (startedBy === operator) return { isHeld: false, leftMs: null, lookInMs: null };
  if (queenStreams > 0 && lastRenewedMs === null) {
    return { isHeld: true, leftMs: null, lookInMs: null };
  }
  const silentMs = nowMs - (lastRenewedMs ?? lastOpenMs);
  if (queenStreams > 0 && silentMs < silenceMs) {
    return { isHeld: true, leftMs: null, lookInMs: silenceMs - silentMs };
  }
  const since = queenStreams > 0 ? (lastRenewedMs ?? lastOpenMs) : lastOpenMs;
  const leftMs = Math.max(0, limitMs - (nowMs - since));
  return { isHeld: false, leftMs, lookInMs: leftMs };
}
