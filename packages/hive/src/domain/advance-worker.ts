import type { ModelCapabilities, WorkerState } from "@rbee/contract";
import { judgeHealth } from "./judge-health.ts";
import type { GoneReason, Moment, WorkerRecord } from "./worker-record.ts";

// starting: the process runs, HTTP does not yet; leaves by its callback.
// loading:  HTTP answers, the model loads; leaves when the model is ready.
// idle:     ready, no request runs; busy: all slots are taken. They alternate.
// draining: its end is wanted; finishes what runs and takes nothing new.
// stopped:  unloaded, the process is about to end.
// error:    the model did not load or the engine broke; the process ends by itself.
// Any state is left by the end of the process, which takes the worker out of the registry.

/** What a worker tells about itself on its stdout, with every change. */
export interface WorkerStatus {
  readonly state: WorkerState;
  readonly slotsTotal: number;
  readonly slotsAvailable: number;
  readonly memoryBytes: number;
  readonly context: number;
  readonly capabilities?: ModelCapabilities | undefined;
  readonly lastActivityUnixMs: number | null;
}

export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export type WorkerEvent =
  | { readonly type: "process-started"; readonly pid: number | null }
  | { readonly type: "called-back"; readonly url: string; readonly state: WorkerState }
  | { readonly type: "status"; readonly status: WorkerStatus }
  | { readonly type: "model-ready" }
  | { readonly type: "load-failed" }
  | { readonly type: "health-answered"; readonly memoryBytes: number }
  | { readonly type: "health-failed" }
  | { readonly type: "stop-wanted"; readonly reason: GoneReason }
  | ({ readonly type: "process-ended" } & ProcessEnd);

export type WorkerEffect =
  /** The queen's view has to follow. */
  | { readonly type: "announce" }
  /** Take it out of the registry and say why it went. */
  | ({ readonly type: "remove"; readonly reason: GoneReason } & ProcessEnd)
  /** Its process still runs and must not. */
  | { readonly type: "end-process" }
  | ({ readonly type: "crashed" } & ProcessEnd);

export interface Advance {
  readonly worker: WorkerRecord;
  readonly effects: readonly WorkerEffect[];
}

const announce: WorkerEffect = { type: "announce" };

/** The next record of a worker after an event, and what has to be done about it. */
export function advanceWorker(worker: WorkerRecord, event: WorkerEvent, now: Moment): Advance {
  switch (event.type) {
    case "process-started":
      return { worker: { ...worker, pid: event.pid }, effects: [announce] };
    case "called-back":
      return callBack(worker, event, now);
    case "status":
      return applyStatus(worker, event.status, now);
    case "model-ready":
      if (worker.state !== "loading") return { worker, effects: [] };
      return becomeReady({ ...worker, state: "idle", slotsAvailable: worker.slotsTotal }, now);
    case "load-failed":
      return {
        worker: { ...worker, state: "error", goneReason: worker.goneReason ?? "failed" },
        effects: [announce],
      };
    case "health-answered":
      return {
        worker: {
          ...worker,
          memoryBytes: event.memoryBytes,
          failedHealthChecks: 0,
          lastSeenUnixMs: now.unixMs,
        },
        effects: [announce],
      };
    case "health-failed":
      return failHealth(worker);
    case "stop-wanted":
      return {
        worker: {
          ...worker,
          state: worker.state === "stopped" || worker.state === "error" ? worker.state : "draining",
          slotsAvailable: 0,
          goneReason: worker.goneReason ?? event.reason,
        },
        effects: [announce],
      };
    case "process-ended":
    default:
      return endProcess(worker, event);
  }
}

function callBack(
  worker: WorkerRecord,
  event: { readonly url: string; readonly state: WorkerState },
  now: Moment,
): Advance {
  // A status line may have told a later state already.
  const state = worker.state === "starting" ? "loading" : worker.state;
  const called = { ...worker, url: event.url, state, lastSeenUnixMs: now.unixMs };
  if (state === "loading" && (event.state === "idle" || event.state === "busy")) {
    return becomeReady({ ...called, state: event.state }, now);
  }
  return { worker: called, effects: [announce] };
}

function applyStatus(worker: WorkerRecord, status: WorkerStatus, now: Moment): Advance {
  const isUsed =
    status.lastActivityUnixMs !== worker.lastActivityUnixMs ||
    status.slotsAvailable !== worker.slotsAvailable;
  const isEnding = worker.goneReason !== null && status.state !== "stopped";
  // It says itself that the model did not load: its end is awaited and no crash.
  const isLoadFailure = status.state === "error" && worker.readySinceMs === null;
  const next: WorkerRecord = {
    ...worker,
    goneReason: worker.goneReason ?? (isLoadFailure ? "failed" : null),
    state: isEnding ? worker.state : status.state,
    slotsTotal: status.slotsTotal,
    slotsAvailable: isEnding ? 0 : status.slotsAvailable,
    memoryBytes: status.memoryBytes,
    context: status.context,
    capabilities: status.capabilities,
    lastActivityUnixMs: status.lastActivityUnixMs,
    quietSinceMs: isUsed ? now.monotonicMs : worker.quietSinceMs,
  };
  const isReady = next.state === "idle" || next.state === "busy";
  if (isReady && worker.readySinceMs === null) return becomeReady(next, now);
  return { worker: next, effects: [announce] };
}

function becomeReady(worker: WorkerRecord, now: Moment): Advance {
  return {
    worker: { ...worker, readySinceMs: now.monotonicMs, quietSinceMs: now.monotonicMs },
    effects: [announce],
  };
}

function failHealth(worker: WorkerRecord): Advance {
  const failedHealthChecks = worker.failedHealthChecks + 1;
  const failed = { ...worker, failedHealthChecks };
  if (judgeHealth(failed) === "healthy-enough") return { worker: failed, effects: [announce] };
  // Removed at once: nobody should be sent there while its process is being ended.
  return {
    worker: { ...failed, goneReason: "unresponsive" },
    effects: [
      { type: "remove", reason: "unresponsive", exitCode: null, signal: null },
      { type: "end-process" },
    ],
  };
}

function endProcess(worker: WorkerRecord, { exitCode, signal }: ProcessEnd): Advance {
  const reason = worker.goneReason ?? "crashed";
  const gone: WorkerRecord = { ...worker, state: "stopped", slotsAvailable: 0, goneReason: reason };
  const remove: WorkerEffect = { type: "remove", reason, exitCode, signal };
  if (worker.goneReason !== null) return { worker: gone, effects: [remove] };
  return { worker: gone, effects: [remove, { type: "crashed", exitCode, signal }] };
}
