import { timings } from "@rbee/contract";
import type { BackendName, QueenWorker } from "@rbee/contract";
import type { ViewWorker } from "../domain/worker-view.ts";
import type { Nodes } from "../ports.ts";

/** Workers as the queen shows them: with the addresses that they have from here. */
export async function workersToWire(
  workers: readonly ViewWorker[],
  nodes: Nodes,
): Promise<QueenWorker[]> {
  return await Promise.all(workers.map((worker) => workerToWire(worker, nodes)));
}

export async function workerToWire(worker: ViewWorker, nodes: Nodes): Promise<QueenWorker> {
  return {
    worker_id: worker.id,
    node: worker.node,
    url: worker.url === null ? null : await urlFromHere(worker.node, worker.url, nodes),
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

// A way that cannot be found at this moment is no reason to show nothing.
async function urlFromHere(name: string, url: string, nodes: Nodes): Promise<string> {
  const node = nodes.list().find((known) => known.name === name);
  if (node === undefined) return url;
  const limit = AbortSignal.timeout(timings.quietAttemptMs);
  return await node.workerUrl(url, limit).catch(() => url);
}
