import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { RbeeError, sizes } from "@rbee/contract";
import type { TakeTurn } from "./create-turns.ts";
import { launchWorker } from "./launch-worker.ts";
import { loadModel } from "./load-model.ts";
import { placeWorker } from "./place-worker.ts";
import type { PoolWorld } from "./pool-world.ts";
import { provisionModel } from "./provision-model.ts";
import { codeOf, inStage, unlessEnded } from "./spawn.ts";
import type { Spawn } from "./spawn.ts";
import { endWorker, killWorker } from "./stop-worker.ts";
import type { LiveWorker, WorkerRegistry } from "./worker-registry.ts";

export interface BringUp {
  readonly world: PoolWorld;
  readonly registry: WorkerRegistry;
  readonly takeTurn: TakeTurn;
}

// A worker that says why its model does not load ends by itself, within this time.
const ownEndMs = 2000;

/**
 * The way of a worker into memory: provision, preflight, start, callback, loading, ready. A failure
 * at any stage ends the worker and is the end of the story; this never rejects.
 */
export async function bringUp(spawn: Spawn, { world, registry, takeTurn }: BringUp): Promise<void> {
  const startedAt = performance.now();
  try {
    const model = await unlessEnded(spawn, provisionModel(spawn, world));
    const live = await takeTurn(() => {
      spawn.control.signal.throwIfAborted();
      return inStage(spawn, "preflight", () => placeWorker(spawn, model, { world, registry }));
    });
    spawn.live = live;
    const launching = { spawn, live, model, world, registry };
    await inStage(spawn, "start", () => launchWorker(launching));
    spawn.answerable.resolve();
    await inStage(spawn, "load", () => loadModel(launching));
    await noteUse(model.id, world);
    const durationMs = performance.now() - startedAt;
    world.counters.spawned("ready", durationMs / 1000);
    spawn.trace.end();
    tellReady(spawn, live, durationMs);
  } catch (error) {
    world.counters.spawned("failed", (performance.now() - startedAt) / 1000);
    spawn.trace.end({ errorCode: codeOf(error) });
    tellFailure(spawn, error, world);
    if (spawn.live !== undefined) void abandon(spawn.live, error, registry);
  }
}

// A catalogue that cannot be written is no reason to end a worker that is ready.
async function noteUse(modelId: string, { catalogue, logger }: PoolWorld): Promise<void> {
  try {
    await catalogue.markUsed(modelId, Math.floor(Date.now() / 1000));
  } catch (error) {
    logger.warn({ error, model: modelId }, "the use of a model could not be noted");
  }
}

function tellReady({ story, narrate }: Spawn, live: LiveWorker, durationMs: number): void {
  const { record } = live;
  const seconds = (durationMs / 1000).toFixed(1);
  story.append({ type: "progress", stage: "ready", worker_id: live.id });
  narrate({
    action: "worker-ready",
    target: live.id,
    human: `${live.id} is ready with ${record.modelRef} after ${seconds} s`,
    cute: `🍯 ${live.id} is ready with ${record.modelRef} after ${seconds} s`,
    worker_id: live.id,
    model_ref: record.modelRef,
    duration_ms: Math.round(durationMs),
    size_mb: Math.round(record.memoryBytes / sizes.bytesPerMb),
  });
  story.append({ type: "done", worker: record });
  story.end();
}

function tellFailure(
  { story, narrate, answerable, ...spawn }: Spawn,
  error: unknown,
  world: PoolWorld,
) {
  const isKnown = RbeeError.is(error);
  // What is unknown is for the log alone; the person reads that something went wrong.
  if (!isKnown) world.logger.error({ error, worker_id: spawn.workerId }, "spawn failed inside");
  const human = isKnown ? error.message : `${spawn.workerId} cannot be started`;
  narrate({
    action: "spawn-failed",
    target: spawn.workerId,
    human,
    cute: `💥 ${human}`,
    level: RbeeError.is(error, "REQUEST_CANCELED") ? "info" : "error",
    worker_id: spawn.workerId,
    model_ref: spawn.request.reference.text,
  });
  answerable.reject(error);
  story.append({ type: "error", error });
  story.end();
}

async function abandon(live: LiveWorker, error: unknown, registry: WorkerRegistry): Promise<void> {
  registry.dispatch(live, { type: "stop-wanted", reason: "failed" });
  if (live.process === null || live.process.hasEnded()) {
    registry.conclude(live, { exitCode: null, signal: null });
    return;
  }
  if (RbeeError.is(error, "LOADING_TIMEOUT") || RbeeError.is(error, "WORKER_STARTUP_FAILED")) {
    await killWorker(live);
    return;
  }
  if (live.record.state === "error") await Promise.race([live.ended.promise, delay(ownEndMs)]);
  await endWorker(live);
}
