import { RbeeError, timings } from "@rbee/contract";
import type { WorkerFacts } from "../domain/placement-facts.ts";
import type { WorkerView } from "../domain/worker-view.ts";
import type { Errand, Hives, NodeAccess } from "../ports.ts";
import type { ChangeSignal } from "./change-signal.ts";

export interface StopWorld {
  readonly hives: Pick<Hives, "client">;
  readonly view: Pick<WorkerView, "runningOn" | "workerGone">;
  readonly changes: Pick<ChangeSignal, "count" | "wait">;
  /** Limit of a graceful stop of one worker, answer included. */
  readonly workerStopTimeoutMs: () => number;
  /** A worker on that node has gone to make room. */
  readonly onEvicted: (node: string) => void;
}

/**
 * Stops workers so that another fits. They get nothing new any more; one that still runs requests
 * ends these first, so nobody's request is cut short. Throws when nobody wants the room any more
 * before a worker is stopped: that one stays.
 */
export async function stopForRoom(
  world: StopWorld,
  node: NodeAccess,
  { workers, ...stop }: Stop & { readonly workers: readonly WorkerFacts[] },
): Promise<void> {
  await Promise.all(workers.map((worker) => stopOne(world, node, { worker, ...stop })));
}

interface Stop {
  readonly errand: Errand;
  /** Aborts when nobody waits for the room. */
  readonly deserted: AbortSignal;
}

interface Stopping extends Stop {
  readonly worker: WorkerFacts;
}

async function stopOne(
  world: StopWorld,
  node: NodeAccess,
  { worker, errand, deserted }: Stopping,
): Promise<void> {
  const { hives, view } = world;
  const { id, model } = worker;
  if ((view.runningOn(worker) ?? 0) > 0) {
    const human = `${id} on ${node.name} ends what it runs, then makes room (${model})`;
    const line = { action: "drain-worker", target: id, worker_id: id, node: node.name, human };
    errand.story({ type: "tell", line: { ...line, cute: `⌛ ${human}` } });
    await waitUntilQuiet(world, worker, deserted);
  }
  deserted.throwIfAborted();
  const idle = describeIdle(performance.now() - worker.lastUsedMs);
  const human = `Stopping ${id} on ${node.name} to make room (${idle}, ${model})`;
  const line = { action: "evict-worker", target: id, worker_id: id, node: node.name, human };
  errand.story({ type: "tell", line: { ...line, cute: `🧹 ${human}` } });
  const timeoutMs = world.workerStopTimeoutMs();
  try {
    await hives.client(node, errand.hop).call("stopWorker", { params: { id }, timeoutMs });
  } catch (error) {
    // It went by itself meanwhile: that is what was wanted.
    if (!RbeeError.is(error, "WORKER_NOT_FOUND")) throw error;
  }
  // The hive's own word comes by another way and perhaps later than its answer.
  view.workerGone(worker);
  world.onEvicted(node.name);
}

async function waitUntilQuiet(
  { view, changes }: StopWorld,
  worker: WorkerFacts,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const seen = changes.count();
    if ((view.runningOn(worker) ?? 0) === 0) return;
    await changes.wait(seen, timings.stateLiveIntervalMs, signal);
    signal.throwIfAborted();
  }
}

function describeIdle(idleMs: number): string {
  const seconds = Math.round(idleMs / 1000);
  if (seconds < 1) return "just used";
  return seconds < 100 ? `idle ${seconds} s` : `idle ${Math.round(seconds / 60)} min`;
}
