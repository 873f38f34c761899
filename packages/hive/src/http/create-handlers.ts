import type { hiveRoutes } from "@rbee/contract";
import type { Handlers } from "@rbee/daemon";
import { deleteModel } from "./delete-model.ts";
import { downloadModel } from "./download-model.ts";
import { downloadProgress } from "./download-progress.ts";
import { estimatePlacement } from "./estimate-placement.ts";
import { getDevices } from "./get-devices.ts";
import { getHealth } from "./get-health.ts";
import { getModel } from "./get-model.ts";
import type { HttpWorld } from "./http-world.ts";
import { listModels } from "./list-models.ts";
import { listWorkers } from "./list-workers.ts";
import { readLogs } from "./read-logs.ts";
import { renewLease } from "./renew-lease.ts";
import { spawnWorker } from "./spawn-worker.ts";
import { stopHive } from "./stop-hive.ts";
import { stopWorker } from "./stop-worker.ts";
import { verifyModels } from "./verify-models.ts";
import { watchEvents } from "./watch-events.ts";
import { workerAccess } from "./worker-access.ts";
import { workerEvents } from "./worker-events.ts";
import { workerReady } from "./worker-ready.ts";

/** Every operation of the hive's table with what answers it. */
export function createHandlers(world: HttpWorld): Required<Handlers<typeof hiveRoutes>> {
  return {
    health: getHealth(world),
    devices: getDevices(world),
    spawnWorker: spawnWorker(world),
    workerEvents: workerEvents(world),
    workerReady: workerReady(world),
    listWorkers: listWorkers(world),
    workerAccess: workerAccess(world),
    stopWorker: stopWorker(world),
    downloadModel: downloadModel(world),
    downloadProgress: downloadProgress(world),
    listModels: listModels(world),
    getModel: getModel(world),
    deleteModel: deleteModel(world),
    verifyModels: verifyModels(world),
    estimatePlacement: estimatePlacement(world),
    logs: readLogs(world),
    events: watchEvents(world),
    renewLease: renewLease(world),
    shutdown: stopHive(world),
  };
}
