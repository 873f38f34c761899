import type { HiveWorker } from "@rbee/contract";
import type { WorkerRecord } from "../domain/worker-record.ts";

export function workerToWire(worker: WorkerRecord): HiveWorker {
  return {
    id: worker.id,
    url: worker.url,
    model_ref: worker.modelRef,
    backend: worker.backend,
    device: worker.device,
    state: worker.state,
    slots_total: worker.slotsTotal,
    slots_available: worker.slotsAvailable,
    context: worker.context,
    last_activity: timeToWire(worker.lastActivityUnixMs),
    last_seen: timeToWire(worker.lastSeenUnixMs),
    failed_health_checks: worker.failedHealthChecks,
    pid: worker.pid,
    restart_count: worker.restartCount,
    memory_bytes: worker.memoryBytes,
  };
}

function timeToWire(unixMs: number | null): string | null {
  return unixMs === null ? null : new Date(unixMs).toISOString();
}
