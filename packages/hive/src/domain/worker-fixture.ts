import { createWorkerRecord } from "./worker-record.ts";
import type { Moment, WorkerRecord } from "./worker-record.ts";

/** A moment so many milliseconds after some start; the wall clock stands elsewhere. */
export function momentAt(monotonicMs: number): Moment {
  return { monotonicMs, unixMs: 1_700_000_000_000 + monotonicMs };
}

/** A worker that has just passed its preflight, with whatever a test changes. */
export function workerAt(monotonicMs: number, change: Partial<WorkerRecord> = {}): WorkerRecord {
  const worker = {
    id: "worker-3f9a2c",
    modelRef: "hello-bee",
    backend: "cpu",
    device: 0,
    slots: 4,
    context: 512,
    requiredBytes: 10_000_000,
    restartCount: 0,
  } as const;
  return { ...createWorkerRecord(worker, momentAt(monotonicMs)), ...change };
}

/** One that is ready and has nothing to do. */
export function idleWorkerAt(
  monotonicMs: number,
  change: Partial<WorkerRecord> = {},
): WorkerRecord {
  return workerAt(monotonicMs, {
    state: "idle",
    url: "http://127.0.0.1:18001",
    pid: 4711,
    slotsAvailable: 4,
    readySinceMs: monotonicMs,
    ...change,
  });
}
