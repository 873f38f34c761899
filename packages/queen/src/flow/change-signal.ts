import { timings } from "@rbee/contract";

export type ChangeSignal = ReturnType<typeof createChangeSignal>;

/** Lets watchers sleep until something has changed since they last looked. */
export function createChangeSignal() {
  const waiting = new Set<() => void>();
  let count = 0;
  return {
    notify(): void {
      count += 1;
      for (const wake of waiting) wake();
    },
    /** Changes so far. */
    count: () => count,
    /** Settles when there was a change after `seen`, after the limit, or when the signal aborts. */
    async wait(seen: number, limitMs: number, signal: AbortSignal): Promise<void> {
      if (count !== seen) return;
      let wake = () => {};
      await pause(limitMs, signal, (end) => waiting.add((wake = end)));
      waiting.delete(wake);
    },
  };
}

interface WatchOptions {
  readonly changes: ChangeSignal;
  readonly signal: AbortSignal;
  readonly heartbeatMs: number;
  /** While true the figures change all the time, so the state is sent without any other cause. */
  readonly isLive: () => boolean;
}

/**
 * Yields `state` whenever there is something new, never more often than a person could follow, and
 * `heartbeat` when there was nothing for a while.
 */
export async function* watchChanges(
  options: WatchOptions,
): AsyncGenerator<"state" | "heartbeat", void, void> {
  const { changes, signal, heartbeatMs, isLive } = options;
  let hasNews = true;
  while (!signal.aborted) {
    const seen = changes.count();
    yield hasNews ? "state" : "heartbeat";
    await pause(timings.stateIntervalMs, signal);
    await changes.wait(seen, isLive() ? timings.stateLiveIntervalMs : heartbeatMs, signal);
    hasNews = changes.count() !== seen || isLive();
  }
}

function pause(
  milliseconds: number,
  signal: AbortSignal,
  onBegin: (end: () => void) => void = () => {},
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
    onBegin(end);
  });
}
