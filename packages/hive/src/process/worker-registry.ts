import type { WorkerState } from "@rbee/contract";
import type { LogFile } from "@rbee/daemon";
import { advanceWorker } from "../domain/advance-worker.ts";
import type { ProcessEnd, WorkerEffect, WorkerEvent } from "../domain/advance-worker.ts";
import type { MemoryHolding } from "../domain/fit.ts";
import type { SpawnRequest } from "../domain/spawn-request.ts";
import type { WorkerRecord } from "../domain/worker-record.ts";
import type { WorkerAddress } from "../ports.ts";
import type { Measuring } from "./measure-memory.ts";
import { readMoment } from "./pool-world.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** One worker with all that belongs to it. Its record is written by `dispatch` alone. */
export interface LiveWorker {
  readonly id: string;
  readonly key: string;
  readonly request: SpawnRequest;
  readonly log: LogFile;
  readonly logPath: string;
  readonly calledBack: PromiseWithResolvers<void>;
  /** Settles when its process is gone for good, also when there never was one. */
  readonly ended: PromiseWithResolvers<ProcessEnd>;
  record: WorkerRecord;
  /** How it runs which model, and what was entered of its memory. Written by `measureMemory`. */
  readonly measuring: Measuring;
  port: number | null;
  process: WorkerProcess | null;
}

export interface WorkerCalling {
  readonly url: string;
  readonly state: WorkerState;
}

/** The workers of this node, in memory only. */
export interface WorkerRegistry {
  readonly add: (live: LiveWorker) => void;
  /** False when it was removed before. */
  readonly remove: (live: LiveWorker) => boolean;
  /** Its process is gone for good, or never came to be; only the first call counts. */
  readonly conclude: (live: LiveWorker, end: ProcessEnd) => void;
  readonly find: (id: string) => LiveWorker | undefined;
  readonly list: () => readonly LiveWorker[];
  /** Also those that were removed and whose process has not ended yet. */
  readonly listProcesses: () => readonly LiveWorker[];
  readonly dispatch: (live: LiveWorker, event: WorkerEvent) => void;
}

export function createWorkerRegistry(
  onEffect: (live: LiveWorker, effect: WorkerEffect) => void,
): WorkerRegistry {
  const listed = new Map<string, LiveWorker>();
  const processes = new Set<LiveWorker>();
  const dispatch = (live: LiveWorker, event: WorkerEvent) => {
    const { worker, effects } = advanceWorker(live.record, event, readMoment());
    live.record = worker;
    for (const effect of effects) onEffect(live, effect);
  };
  return {
    add(live) {
      listed.set(live.id, live);
      processes.add(live);
    },
    remove: (live) => listed.delete(live.id),
    conclude(live, end) {
      if (!processes.delete(live)) return;
      dispatch(live, { type: "process-ended", ...end });
      live.ended.resolve(end);
      void live.log.close();
    },
    find: (id) => listed.get(id),
    list: () => [...listed.values()],
    listProcesses: () => [...processes],
    dispatch,
  };
}

/** What the living processes hold or were promised, for the next preflight. */
export function memoryHoldings(registry: WorkerRegistry): MemoryHolding[] {
  return registry.listProcesses().map(({ id, record, measuring }) => ({
    workerId: id,
    weightBytes: measuring.model.sizeBytes,
    backend: record.backend,
    device: record.device,
    requiredBytes: record.requiredBytes,
    heldBytes: record.memoryBytes,
    isLoading: record.readySinceMs === null,
  }));
}

/** Undefined before the worker has called back. */
export function addressOf(live: LiveWorker): WorkerAddress | undefined {
  const { url } = live.record;
  return url === null ? undefined : { url, key: live.key };
}
