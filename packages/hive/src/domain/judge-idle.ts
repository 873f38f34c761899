import type { Moment, WorkerRecord } from "./worker-record.ts";

type Usage = Pick<
  WorkerRecord,
  "state" | "slotsAvailable" | "slotsTotal" | "quietSinceMs" | "readySinceMs" | "restartCount"
>;

/** A ready worker without a request for the whole limit gives its memory back. */
export function isIdleTooLong(worker: Usage, now: Moment, limitMs: number): boolean {
  if (worker.state !== "idle" || worker.slotsAvailable < worker.slotsTotal) return false;
  return now.monotonicMs - worker.quietSinceMs >= limitMs;
}

/**
 * Whether somebody would miss a worker that has just crashed: it had running requests or was used
 * within the idle limit. One that never became ready is missed only by who waits for its restart.
 */
export function isInDemand(worker: Usage, now: Moment, limitMs: number): boolean {
  if (worker.readySinceMs === null) return worker.restartCount > 0;
  if (worker.slotsAvailable < worker.slotsTotal) return true;
  return now.monotonicMs - worker.quietSinceMs < limitMs;
}
