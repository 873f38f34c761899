import { performance } from "node:perf_hooks";
import type { HiveWorker } from "@rbee/contract";
import type { WorkerRecord } from "../domain/worker-record.ts";

export function workerToWire(worker: WorkerRecord): HiveWorker {
  const nowMs = performance.now();
  const age = (sinceMs: number) => Math.max(0, Math.round(nowMs - sinceMs));
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
    ...(worker.capabilities === undefined ? {} : { capabilities: worker.capabilities }),
    required_bytes: worker.requiredBytes,
    ready_for_ms: worker.readySinceMs === null ? null : age(worker.readySinceMs),
    quiet_for_ms: age(worker.quietSinceMs),
  };
}

function timeToWire(unixMs: number | null): string | null {
  return unixMs === null ? null : new Date(unixMs).toISOString();
}
