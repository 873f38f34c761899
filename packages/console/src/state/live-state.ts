import { errorFromWire, RbeeError, timings } from "@rbee/contract";
import type { QueenEvent } from "@rbee/contract";
import type { ConsoleSession } from "./console-session.ts";

export type QueenState = Extract<QueenEvent, { type: "state" }>;

/**
 * - connecting: no state has come yet.
 * - live: the queen is heard; the state is hers of now.
 * - stale: she is not heard; the state is the last that she told.
 * - locked: she wants a key that this browser does not have.
 */
export type LinkStatus = "connecting" | "live" | "stale" | "locked";

export interface LiveSnapshot {
  readonly link: LinkStatus;
  readonly state: QueenState | undefined;
  /** When the queen was last heard, in Unix milliseconds. */
  readonly heardAtMs: number | undefined;
  /** Tokens per second over the last minutes, oldest first. */
  readonly rates: readonly RatePoint[];
  /** True when a key was shown and refused. */
  readonly isKeyRefused: boolean;
  /** True when the key is good, and not for looking at machines: its scope is `use`. */
  readonly isKeyNarrow: boolean;
}

export interface RatePoint {
  readonly atMs: number;
  readonly tokensPerSecond: number;
}

export interface LiveState {
  readonly current: () => LiveSnapshot;
  readonly subscribe: (listener: () => void) => () => void;
  readonly close: () => void;
}

const ratesMax = 300;

/** How long the queen may be silent, and how long after each failure in a row she is asked again. */
export interface Patience {
  readonly silenceMs: number;
  readonly delaysMs: readonly number[];
}

const usualPatience: Patience = {
  silenceMs: timings.heartbeatIntervalMs * timings.heartbeatsMissedMax,
  delaysMs: [250, 500, 1000, 2000, 5000],
};

/** Follows `/v2/events` for as long as the page is open, through restarts of the queen. */
export function createLiveState(
  session: ConsoleSession,
  { silenceMs, delaysMs } = usualPatience,
): LiveState {
  const listeners = new Set<() => void>();
  const closing = new AbortController();
  let retry = new AbortController();
  let snapshot = nothingHeard;
  const change = (patch: Partial<LiveSnapshot>) => {
    snapshot = { ...snapshot, ...patch };
    for (const listener of listeners) listener();
  };
  const stopListening = session.onChange(() => retry.abort());
  const follow = async (signal: AbortSignal) => {
    const events = await session.queen.stream("events", {
      signal,
      silenceMs,
      timeoutMs: silenceMs,
    });
    for await (const event of events) {
      if (event.type === "error")
        throw errorFromWire(event.error) ?? new Error(event.error.message);
      const heard = { link: "live", heardAtMs: Date.now(), ...noRefusal } as const;
      if (event.type === "state")
        change({ ...heard, state: event, rates: addRate(snapshot, event) });
      else change(heard);
    }
  };
  void (async () => {
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      retry = new AbortController();
      const heardBefore = snapshot.heardAtMs;
      try {
        await follow(AbortSignal.any([closing.signal, retry.signal]));
      } catch (error) {
        if (!retry.signal.aborted) change(lossOf(snapshot, error, session.hasKey()));
      }
      if (snapshot.heardAtMs !== heardBefore || retry.signal.aborted) failures = 0;
      const isLocked = snapshot.link === "locked";
      // Without a key there is nothing to wait for but the person.
      const delayMs = isLocked ? Number.POSITIVE_INFINITY : delayOf(delaysMs, failures);
      if (!retry.signal.aborted) await pause(delayMs, [closing.signal, retry.signal]);
    }
  })();
  return {
    current: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      stopListening();
      closing.abort();
    },
  };
}

const nothingHeard: LiveSnapshot = {
  link: "connecting",
  state: undefined,
  heardAtMs: undefined,
  rates: [],
  isKeyRefused: false,
  isKeyNarrow: false,
};
const noRefusal = { isKeyRefused: false, isKeyNarrow: false };

const refusals = [
  "MISSING_API_KEY",
  "INVALID_API_KEY",
  "KEY_EXPIRED",
  "KEY_REVOKED",
  "FOREIGN_SITE",
] as const;

function lossOf(before: LiveSnapshot, error: unknown, hadKey: boolean): Partial<LiveSnapshot> {
  const isRefused = refusals.some((code) => RbeeError.is(error, code));
  const isKeyNarrow = RbeeError.is(error, "KEY_SCOPE_DENIED");
  if (isKeyNarrow) return { link: "locked", isKeyRefused: false, isKeyNarrow };
  if (isRefused) return { link: "locked", isKeyRefused: hadKey, isKeyNarrow };
  return { link: before.state === undefined ? "connecting" : "stale" };
}

function addRate({ rates }: LiveSnapshot, state: QueenState): readonly RatePoint[] {
  const tokensPerSecond = state.tasks
    .filter(({ phase }) => phase === "inferring")
    .reduce((sum, task) => sum + task.tokens_per_sec, 0);
  return [...rates, { atMs: Date.now(), tokensPerSecond }].slice(-ratesMax);
}

function delayOf(delaysMs: readonly number[], failures: number): number {
  return delaysMs[Math.min(failures, delaysMs.length - 1)] ?? 0;
}

function pause(milliseconds: number, signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = Number.isFinite(milliseconds) ? setTimeout(end, milliseconds) : undefined;
    for (const signal of signals) signal.addEventListener("abort", end, { once: true });
  });
}
