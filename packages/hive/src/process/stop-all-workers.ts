import { timings } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { PoolWorld } from "./pool-world.ts";
import { stopWorker } from "./stop-worker.ts";
import type { StopLimits } from "./stop-worker.ts";
import type { WorkerRegistry } from "./worker-registry.ts";

interface StopAll {
  readonly world: PoolWorld;
  readonly registry: WorkerRegistry;
  readonly narrate: Narrate;
}

/** The whole hive stops: all workers at once, counted as they go. */
export async function stopAllWorkers({ world, registry, narrate }: StopAll): Promise<void> {
  const workers = registry.listProcesses();
  const limits = cascadeLimits(world.settings().timeouts.shutdown * 1000);
  let stopped = 0;
  let forced = 0;
  const total = workers.length;
  await Promise.all(
    workers.map(async (live) => {
      const wasForced = await stopWorker(live, { reason: "stopped", limits }, { world, registry });
      stopped += 1;
      if (wasForced) forced += 1;
      narrate({
        action: "workers-stopping",
        target: live.id,
        human: `${stopped}/${total} stopped`,
        cute: `🛑 ${stopped}/${total} stopped`,
        worker_id: live.id,
        stopped,
        total,
      });
    }),
  );
  const counts = `${total - forced} graceful, ${forced} forced`;
  narrate({
    action: "workers-stopped",
    human: total === 0 ? "no worker was running" : `${stopped}/${total} stopped: ${counts}`,
    stopped,
    total,
  });
}

// The limits nest as in the defaults (queen 30 s, hive 25 s, worker 15 s), whatever the queen's is.
function cascadeLimits(queenShutdownMs: number): StopLimits {
  const share = queenShutdownMs / timings.queenShutdownMs;
  return {
    acknowledgeMs: timings.shutdownAcknowledgeMs * share,
    drainMs: timings.workerShutdownDrainMs * share,
    graceMs: (timings.workerShutdownMs - timings.shutdownAcknowledgeMs) * share,
    killMs: timings.shutdownAcknowledgeMs * share,
  };
}
