import { judgeLease, operator } from "../domain/judge-lease.ts";
import type { LeaseLimits } from "../domain/judge-lease.ts";
import type { QueenLease } from "../ports.ts";
import { readMoment } from "./pool-world.ts";

interface LeaseOptions {
  readonly startedBy: string;
  readonly limits: () => LeaseLimits;
  /** No queen came back in time. */
  readonly onExpired: () => void;
}

export interface OwnedLease extends QueenLease {
  readonly close: () => void;
}

/** A hive that a queen started waits for so long without her, then stops. */
export function createLease({ startedBy, limits, onExpired }: LeaseOptions): OwnedLease {
  const now = () => readMoment().monotonicMs;
  let queenStreams = 0;
  let lastOpenMs = now();
  let lastRenewedMs: number | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const judge = () =>
    judgeLease({ startedBy, queenStreams, lastOpenMs, lastRenewedMs }, now(), limits());
  const watch = () => {
    clearTimeout(timer);
    const { leftMs, lookInMs } = judge();
    if (leftMs === 0) onExpired();
    else if (lookInMs !== null) timer = setTimeout(watch, Math.ceil(lookInMs));
  };
  watch();
  return {
    openStream() {
      queenStreams += 1;
      // Another stream, another reader: what an earlier one said is no promise of this one.
      lastRenewedMs = null;
      watch();
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        queenStreams -= 1;
        lastOpenMs = now();
        watch();
      };
    },
    renew() {
      lastRenewedMs = now();
      watch();
    },
    read() {
      if (startedBy === operator) return undefined;
      const { isHeld, leftMs } = judge();
      return { isHeld, leftMs };
    },
    close: () => clearTimeout(timer),
  };
}
