import { RbeeError, timings } from "@rbee/contract";
import { isLoopback } from "@rbee/daemon";
import type { Narrate } from "@rbee/daemon";
import type { WorkerEffect } from "../domain/advance-worker.ts";
import type { LiveEvent, WorkerCallback, WorkerPool } from "../ports.ts";
import { createCrashWatch } from "./create-crash-watch.ts";
import type { CrashWatch } from "./create-crash-watch.ts";
import { createLiveFeed } from "./create-live-feed.ts";
import type { LiveFeed } from "./create-live-feed.ts";
import { answerOf, createSpawns } from "./create-spawns.ts";
import type { Spawns } from "./create-spawns.ts";
import { createTurns } from "./create-turns.ts";
import { createSpeaker } from "./pool-world.ts";
import type { PoolWorld } from "./pool-world.ts";
import { estimatePlacement } from "./estimate-placement.ts";
import { measureMemory } from "./measure-memory.ts";
import { pruneWorkerLogs } from "./prune-worker-logs.ts";
import { stopAllWorkers } from "./stop-all-workers.ts";
import { endWorker, stopWorker } from "./stop-worker.ts";
import { superviseWorkers } from "./supervise-workers.ts";
import { addressOf, createWorkerRegistry } from "./worker-registry.ts";
import type { LiveWorker, WorkerRegistry } from "./worker-registry.ts";

/** The pool as its owner has it: it can also be ended, and follows new settings. */
export interface OwnedPool extends WorkerPool {
  /** Stops every worker; nothing is spawned from this call on. */
  readonly close: () => Promise<void>;
  readonly reload: () => void;
}

interface Parts {
  readonly world: PoolWorld;
  readonly feed: LiveFeed<LiveEvent>;
  readonly narrate: Narrate;
  readonly registry: WorkerRegistry;
  readonly spawns: Spawns;
  readonly crashes: CrashWatch;
}

export function createWorkerPool(world: PoolWorld): OwnedPool {
  const parts = createParts(world);
  const { feed, registry, spawns, crashes, narrate } = parts;
  const supervise = () =>
    superviseWorkers({ world, registry, narrate, stopIdle: (live) => stopIdle(live, parts) });
  let endSupervision = supervise();
  let isClosed = false;
  return {
    async spawn(request, asking) {
      if (isClosed) throw new RbeeError("SHUTTING_DOWN", { program: "rbee-hive" });
      crashes.requireClosedCircuit(request.reference.text);
      const restartCount = crashes.takeRestart(request);
      const spawn = spawns.begin(request, { ...asking, restartCount });
      await spawn.answerable.promise;
      return answerOf(spawn);
    },
    watchSpawn(workerId, signal) {
      const spawn = spawns.find(workerId);
      if (spawn === undefined) throw notFound(workerId);
      return spawn.story.read(signal);
    },
    acceptCallback: (callback) => acceptCallback(callback, parts),
    list: () => registry.list().map(({ record }) => record),
    access(workerId) {
      const live = registry.find(workerId);
      if (live === undefined) throw notFound(workerId);
      const address = addressOf(live);
      if (address !== undefined) return address;
      throw new RbeeError("WORKER_NOT_READY", { state: live.record.state });
    },
    stop: (workerId) => stopOne(workerId, parts),
    estimate: (question, signal) => estimatePlacement(question, { world, registry }, signal),
    workerKeys: () => registry.list().map(({ key }) => key),
    subscribe: () => feed.subscribe(),
    async close() {
      isClosed = true;
      feed.publish({ type: "stopping" });
      endSupervision();
      crashes.close();
      spawns.endAll(new RbeeError("SHUTTING_DOWN", { program: "rbee-hive" }));
      await stopAllWorkers({ world, registry, narrate });
    },
    reload() {
      endSupervision();
      if (!isClosed) endSupervision = supervise();
    },
  };
}

function createParts(world: PoolWorld): Parts {
  const feed = createLiveFeed<LiveEvent>();
  const narrate = createSpeaker(world, { emit: feed.publish });
  const registry = createWorkerRegistry((live, effect) => applyEffect(live, effect, parts));
  const spawns = createSpawns({ world, registry, takeTurn: createTurns() });
  const crashes = createCrashWatch({
    world,
    narrate,
    restart: (request, attempt) => spawns.begin(request, { restartCount: attempt }),
  });
  const parts: Parts = { world, feed, narrate, registry, spawns, crashes };
  return parts;
}

function applyEffect(live: LiveWorker, effect: WorkerEffect, parts: Parts): void {
  const { registry, feed, crashes, world } = parts;
  switch (effect.type) {
    case "announce":
      measureMemory(live, world);
      if (registry.find(live.id) === live) feed.publish({ type: "worker", worker: live.record });
      return;
    case "remove": {
      if (!registry.remove(live)) return;
      const { reason, exitCode, signal } = effect;
      world.logger.info({ worker_id: live.id, reason, exit_code: exitCode, signal }, "worker gone");
      feed.publish({ type: "worker-gone", workerId: live.id, reason, exitCode, signal });
      void pruneWorkerLogs(
        world.paths.logs,
        registry.listProcesses().map(({ id }) => id),
      );
      return;
    }
    case "end-process":
      void endWorker(live);
      return;
    case "crashed":
      crashes.noteCrash(live, effect);
  }
}

function acceptCallback(callback: WorkerCallback, { registry, spawns, world }: Parts): void {
  const { workerId, url, state } = callback;
  const live = registry.find(workerId);
  if (live === undefined) throw notFound(workerId);
  // The queen sends prompts and the worker's key to this address.
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const isOurs = isLoopback(host) || host === world.settings().hive.host;
  if (!isOurs || Number(port) !== live.port) {
    const message = "is not where this worker was started";
    const errors = [{ field: "url", constraint: "address", message }];
    throw new RbeeError("INVALID_REQUEST", { errors });
  }
  registry.dispatch(live, { type: "called-back", url, state });
  live.calledBack.resolve();
  spawns.find(workerId)?.narrate({
    action: "worker-registered",
    target: workerId,
    human: `${workerId} answers and loads its model`,
    cute: `📞 ${workerId} answers and loads its model`,
    worker_id: workerId,
    port: live.port,
  });
}

async function stopOne(workerId: string, parts: Parts): Promise<void> {
  const { world, registry, spawns, narrate } = parts;
  const live = registry.find(workerId);
  const spawn = spawns.isRunning(workerId) ? spawns.find(workerId) : undefined;
  if (live === undefined && spawn === undefined) throw notFound(workerId);
  narrate({
    action: "worker-stopping",
    target: workerId,
    human: `stopping ${workerId}`,
    cute: `🛑 stopping ${workerId}`,
    worker_id: workerId,
  });
  if (spawn !== undefined) {
    if (live !== undefined) registry.dispatch(live, { type: "stop-wanted", reason: "stopped" });
    spawn.control.abort(new RbeeError("REQUEST_CANCELED", {}));
    await live?.ended.promise;
    return;
  }
  if (live !== undefined) await stopGracefully(live, "stopped", { world, registry });
}

function stopIdle(live: LiveWorker, { world, registry, narrate }: Parts): void {
  const minutes = Math.round((world.settings().timeouts.idle_worker / 60) * 10) / 10;
  world.counters.idleStopped();
  narrate({
    action: "worker-idle",
    target: live.id,
    human: `${live.id} had nothing to do for ${minutes} min; its memory is given back`,
    cute: `💤 ${live.id} had nothing to do for ${minutes} min; its memory is given back`,
    worker_id: live.id,
    model_ref: live.record.modelRef,
  });
  void stopGracefully(live, "idle", { world, registry });
}

async function stopGracefully(
  live: LiveWorker,
  reason: "stopped" | "idle",
  pool: Pick<Parts, "world" | "registry">,
): Promise<void> {
  const drainMs = pool.world.settings().timeouts.drain * 1000;
  const limits = {
    acknowledgeMs: timings.shutdownAcknowledgeMs,
    drainMs,
    graceMs: drainMs + timings.shutdownTermMs,
    killMs: timings.shutdownAcknowledgeMs,
  };
  await stopWorker(live, { reason, limits }, pool);
}

function notFound(workerId: string): RbeeError {
  return new RbeeError("WORKER_NOT_FOUND", { worker_id: workerId });
}
