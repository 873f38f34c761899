import type { BackendName, QueenWorker } from "@rbee/contract";
import type { ViewWorker } from "../domain/worker-view.ts";

export function workerToWire(worker: ViewWorker): QueenWorker {
  return {
    worker_id: worker.id,
    node: worker.node,
    url: worker.url,
    state: worker.state,
    model_ref: worker.model,
    backend: worker.backend as BackendName,
    device: worker.device,
    slots_total: worker.slotsTotal,
    slots_available: worker.slotsAvailable,
    memory_bytes: worker.memoryBytes,
    last_activity: worker.lastActivity,
    pid: worker.pid,
  };
}
