import type { BackendName, ModelCapabilities, WorkerState } from "@rbee/contract";

/** Two clocks read at once: durations come from the first alone, so that clock jumps do no harm. */
export interface Moment {
  readonly monotonicMs: number;
  readonly unixMs: number;
}

/** Why a worker is no longer there. */
export type GoneReason = "stopped" | "idle" | "crashed" | "unresponsive" | "failed";

/** What a hive knows of one worker. Records are replaced by `advanceWorker`, never changed. */
export interface WorkerRecord {
  readonly id: string;
  readonly modelRef: string;
  readonly backend: BackendName;
  readonly device: number;
  readonly state: WorkerState;
  readonly url: string | null;
  readonly pid: number | null;
  readonly slotsTotal: number;
  readonly slotsAvailable: number;
  readonly context: number;
  readonly memoryBytes: number;
  /** What its model can do; undefined until it is loaded. */
  readonly capabilities?: ModelCapabilities | undefined;
  /** What the preflight promised. */
  readonly requiredBytes: number;
  readonly restartCount: number;
  readonly failedHealthChecks: number;
  readonly lastActivityUnixMs: number | null;
  readonly lastSeenUnixMs: number | null;
  /** Since when nobody used it: the last sign of a request, or when it became ready. */
  readonly quietSinceMs: number;
  readonly readySinceMs: number | null;
  /** Set as soon as its end is wanted or known; from then on its own end is no crash. */
  readonly goneReason: GoneReason | null;
}

export interface NewWorker {
  readonly id: string;
  readonly modelRef: string;
  readonly backend: BackendName;
  readonly device: number;
  readonly slots: number;
  readonly context: number;
  readonly requiredBytes: number;
  readonly restartCount: number;
}

/** A worker that passed the preflight and whose process is about to be started. */
export function createWorkerRecord(worker: NewWorker, now: Moment): WorkerRecord {
  const { slots, ...rest } = worker;
  return {
    ...rest,
    state: "starting",
    url: null,
    pid: null,
    slotsTotal: slots,
    slotsAvailable: 0,
    memoryBytes: 0,
    failedHealthChecks: 0,
    lastActivityUnixMs: null,
    lastSeenUnixMs: null,
    quietSinceMs: now.monotonicMs,
    readySinceMs: null,
    goneReason: null,
  };
}
