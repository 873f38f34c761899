import { leaseLeftMs, operator } from "../domain/judge-lease.ts";
import type { QueenLease } from "../ports.ts";
import { readMoment } from "./pool-world.ts";

interface LeaseOptions {
  readonly startedBy: string;
  readonly limitMs: () => number;
  /** No queen came back in time. */
  readonly onExpired: () => void;
}

export interface OwnedLease extends QueenLease {
  readonly close: () => void;
}

/** A hive that a queen started waits for so long without her, then stops. */
export function createLease({ startedBy, limitMs, onExpired }: LeaseOptions): OwnedLease {
  let queenStreams = 0;
  let lastOpenMs = readMoment().monotonicMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const readLeft = () =>
    leaseLeftMs({ startedBy, queenStreams, lastOpenMs }, readMoment().monotonicMs, limitMs());
  const watch = () => {
    clearTimeout(timer);
    const leftMs = readLeft();
    if (leftMs === 0) onExpired();
    else if (leftMs !== null) timer = setTimeout(watch, Math.ceil(leftMs));
  };
  watch();
  return {
    openStream() {
      queenStreams += 1;
      clearTimeout(timer);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        queenStreams -= 1;
        lastOpenMs = readMoment().monotonicMs;
        watch();
      };
    },
    read() {
      if (startedBy === operator) return undefined;
      return { isHeld: queenStreams > 0, leftMs: readLeft() };
    },
    close: () => clearTimeout(timer),
  };
}
