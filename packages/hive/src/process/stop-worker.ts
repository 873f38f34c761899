import { setTimeout as delay } from "node:timers/promises";
import { timings } from "@rbee/contract";
import type { GoneReason } from "../domain/worker-record.ts";
import type { PoolWorld } from "./pool-world.ts";
import { addressOf } from "./worker-registry.ts";
import type { LiveWorker, WorkerRegistry } from "./worker-registry.ts";

export interface StopLimits {
  readonly acknowledgeMs: number;
  /** How long running requests may go on. */
  readonly drainMs: number;
  /** From the acknowledgement to SIGTERM. */
  readonly graceMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly killMs: number;
}

export interface StopWanted {
  readonly reason: GoneReason;
  readonly limits: StopLimits;
}

interface Pool {
  readonly world: PoolWorld;
  readonly registry: WorkerRegistry;
}

/**
 * Asks a worker to stop and makes sure that it does: acknowledgement, grace, SIGTERM, SIGKILL. One
 * that does not acknowledge gets SIGTERM at once. Settles when the process is reaped; true when it
 * had to be killed.
 */
export async function stopWorker(
  live: LiveWorker,
  { reason, limits }: StopWanted,
  { world, registry }: Pool,
): Promise<boolean> {
  registry.dispatch(live, { type: "stop-wanted", reason });
  const address = addressOf(live);
  if (address !== undefined) {
    const { acknowledgeMs } = limits;
    const isAcknowledged = await Promise.race([
      world.gateway.shutdown(address, { drainMs: limits.drainMs, acknowledgeMs }).then(
        () => true,
        () => false,
      ),
      live.ended.promise.then(() => true),
    ]);
    if (isAcknowledged && (await hasEnded(live, limits.graceMs))) return false;
  }
  return endWorker(live, limits.killMs);
}

/** SIGTERM, and SIGKILL when that does not help; true when it had to be killed. */
export async function endWorker(
  live: LiveWorker,
  killMs: number = timings.shutdownAcknowledgeMs,
): Promise<boolean> {
  live.process?.kill("SIGTERM");
  if (await hasEnded(live, killMs)) return false;
  await killWorker(live);
  return true;
}

/** Also ends a process that was stopped with SIGSTOP and hears nothing else. */
export async function killWorker(live: LiveWorker): Promise<void> {
  live.process?.kill("SIGKILL");
  await live.ended.promise;
}

async function hasEnded(live: LiveWorker, limitMs: number): Promise<boolean> {
  const clock = new AbortController();
  const late = delay(limitMs, false, { signal: clock.signal }).catch(() => false);
  const ended = live.ended.promise.then(() => true);
  return Promise.race([ended, late]).finally(() => clock.abort());
}
