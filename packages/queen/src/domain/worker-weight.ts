import { workerWeights as figures } from "@rbee/contract";

/** How far a worker is trusted, as of its last outcome. */
export interface WorkerWeight {
  /** From `floor` to 1. */
  readonly weight: number;
  readonly failuresInRow: number;
  readonly changedAtMs: number;
}

export interface WorkerOutcome {
  readonly isFailure: boolean;
  readonly durationMs: number;
}

/**
 * The weight of a worker after one more request. A worker that fails at once always looks free:
 * without a weight it would take, and lose, every request that comes.
 */
export function advanceWeight(
  state: WorkerWeight | undefined,
  { isFailure, durationMs }: WorkerOutcome,
  nowMs: number,
): WorkerWeight {
  const now = weightAt(state, nowMs);
  if (!isFailure) {
    const weight = now + (figures.full - now) * figures.recoveredBySuccess;
    return { weight, failuresInRow: 0, changedAtMs: nowMs };
  }
  const isFast = durationMs < figures.fastMs;
  const left = now * (isFast ? figures.afterFastFailure : figures.afterFailure);
  const failuresInRow = (state?.failuresInRow ?? 0) + 1;
  return { weight: Math.max(figures.floor, left), failuresInRow, changedAtMs: nowMs };
}

/**
 * The weight at a moment. After a pause that doubles with every failure in a row it rises by
 * itself, at first to just above the floor: then the worker gets one request, to be tried.
 */
export function weightAt(state: WorkerWeight | undefined, nowMs: number): number {
  if (state === undefined) return figures.full;
  const pauseMs =
    state.failuresInRow === 0
      ? 0
      : Math.min(figures.probeWaitMaxMs, figures.probeWaitMs * 2 ** (state.failuresInRow - 1));
  const recoveringMs = nowMs - state.changedAtMs - pauseMs;
  if (recoveringMs < 0) return state.weight;
  const missing = figures.full - state.weight;
  return figures.full - missing * 2 ** (-recoveringMs / figures.recoveryHalfLifeMs);
}

/** Trusted so little that it serves only what nobody else can ever serve. */
export function isAtFloor(weight: number): boolean {
  return weight <= figures.floor;
}

/** Back from the floor and not yet proven: one request at a time. */
export function isOnProbation(weight: number): boolean {
  return weight < figures.probation;
}

const ownFailures: ReadonlySet<string> = new Set([
  "INFERENCE_FAILED",
  "SSE_CLOSED",
  "CONNECTION_LOST",
  "INVALID_RESPONSE",
  "GENERATION_TIMEOUT",
]);

/** Whether an error speaks against the worker, and not against the request or the client. */
export function isWorkerFailure(errorCode: string): boolean {
  return ownFailures.has(errorCode);
}
