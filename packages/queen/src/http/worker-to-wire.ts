import { timings } from "@rbee/contract";
import type { BackendName, QueenWorker } from "@rbee/contract";
import type { ViewWorker, WorkerView } from "../domain/worker-view.ts";
import type { Nodes } from "../ports.ts";

export interface WorkerSurroundings {
  readonly nodes: Nodes;
  readonly view: Pick<WorkerView, "weightOf">;
}

/** Workers as the queen shows them: with the addresses that they have from here. */
export async function workersToWire(
  workers: readonly ViewWorker[],
  surroundings: WorkerSurroundings,
): Promise<QueenWorker[]> {
  return await Promise.all(workers.map((worker) => workerToWire(worker, surroundings)));
}

export async function workerToWire(
  worker: ViewWorker,
  { nodes, view }: WorkerSurroundings,
): Promise<QueenWorker> {
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
    ...(worker.capabilities === undefined ? {} : { capabilities: worker.capabilities }),
    weight: Math.round(view.weightOf(worker, performance.now()) * 1000) / 1000,
    last_activity: worker.lastActivity,
    pid: worker.pid,
    ...(worker.restarts === undefined ? {} : { restart_count: worker.restarts }),
  };
}

// A way that cannot be found at this moment is no reason to show nothing.
async function urlFromHere(name: string, url: string, nodes: Nodes): Promise<string> {
  const node = nodes.list().find((known) => known.name === name);
  if (node === undefined) return url;
  const limit = AbortSignal.timeout(timings.quietAttemptMs);
  return await node.workerUrl(url, limit).catch(() => url);
}
