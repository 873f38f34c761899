import type { Narrate } from "@rbee/daemon";
import { countsHealth } from "../domain/judge-health.ts";
import { isIdleTooLong } from "../domain/judge-idle.ts";
import { readMoment } from "./pool-world.ts";
import type { PoolWorld } from "./pool-world.ts";
import { addressOf } from "./worker-registry.ts";
import type { LiveWorker, WorkerRegistry } from "./worker-registry.ts";

export interface Supervision {
  readonly world: PoolWorld;
  readonly registry: WorkerRegistry;
  readonly narrate: Narrate;
  readonly stopIdle: (live: LiveWorker) => void;
}

/** Watches health and idleness of all workers at their intervals; returns what ends the watching. */
export function superviseWorkers(supervision: Supervision): () => void {
  const { world, registry, stopIdle } = supervision;
  const { health_interval, idle_check, idle_worker } = world.settings().timeouts;
  const checking = new Set<LiveWorker>();
  const checkAll = () => {
    for (const live of registry.list()) {
      // A worker that is slow to answer is not asked twice at once.
      if (checking.has(live) || !countsHealth(live.record)) continue;
      checking.add(live);
      void checkHealth(live, supervision).finally(() => checking.delete(live));
    }
  };
  const stopIdleOnes = () => {
    const now = readMoment();
    for (const live of registry.list()) {
      const { goneReason } = live.record;
      if (live.request.keep === true) continue;
      if (goneReason === null && isIdleTooLong(live.record, now, idle_worker * 1000))
        stopIdle(live);
    }
  };
  const timers = [
    setInterval(checkAll, health_interval * 1000),
    setInterval(stopIdleOnes, idle_check * 1000),
  ];
  return () => timers.forEach((timer) => clearInterval(timer));
}

async function checkHealth(live: LiveWorker, supervision: Supervision): Promise<void> {
  const { world, registry, narrate } = supervision;
  const address = addressOf(live);
  if (address === undefined) return;
  const timeoutMs = world.settings().timeouts.health_timeout * 1000;
  try {
    const memoryBytes = await world.gateway.checkHealth(address, timeoutMs);
    registry.dispatch(live, { type: "health-answered", memoryBytes });
  } catch (error) {
    // It may have ended, or its end may have been wanted, while we waited for the answer.
    if (!countsHealth(live.record)) return;
    registry.dispatch(live, { type: "health-failed" });
    const { failedHealthChecks: failed } = live.record;
    const reason = error instanceof Error ? error.message : "no answer";
    narrate({
      action: "health-failed",
      target: live.id,
      human: `${live.id} did not answer its health check (${failed} in a row): ${reason}`,
      level: "warn",
      worker_id: live.id,
      attempt: failed,
      timeout_ms: timeoutMs,
    });
  }
}
