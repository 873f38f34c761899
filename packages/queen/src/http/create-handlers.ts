import type { queenRoutes } from "@rbee/contract";
import type { Handlers } from "@rbee/daemon";
import { addNode } from "./add-node.ts";
import { updateNode } from "./update-node.ts";
import { removeNode } from "./remove-node.ts";
import { listNodes } from "./list-nodes.ts";
import { showHostKey } from "./show-host-key.ts";
import { installNode } from "./install-node.ts";
import { cancelTask } from "./cancel-task.ts";
import { createKey } from "./create-key.ts";
import { createTask } from "./create-task.ts";
import { deleteModel } from "./delete-model.ts";
import { getDoctor } from "./get-doctor.ts";
import { getHealth } from "./get-health.ts";
import { getModel } from "./get-model.ts";
import { getSettings } from "./get-settings.ts";
import { hiveStatus } from "./hive-status.ts";
import type { HttpWorld } from "./http-world.ts";
import { createOpenAiHandlers } from "./openai/create-openai-handlers.ts";
import { createPlacementHandlers } from "./placement/create-placement-handlers.ts";
import { createResponsesHandlers } from "./responses/create-responses-handlers.ts";
import { keyUsage } from "./key-usage.ts";
import { listKeys } from "./list-keys.ts";
import { listModels } from "./list-models.ts";
import { listTasks } from "./list-tasks.ts";
import { listWorkers } from "./list-workers.ts";
import { pullModel } from "./pull-model.ts";
import { readLogs } from "./read-logs.ts";
import { restartHive } from "./restart-hive.ts";
import { revokeKey } from "./revoke-key.ts";
import { shutdownWorker } from "./shutdown-worker.ts";
import { spawnWorker } from "./spawn-worker.ts";
import { startHive } from "./start-hive.ts";
import { stopHive } from "./stop-hive.ts";
import { followStop, stopQueen } from "./stop-queen.ts";
import { verifyModels } from "./verify-models.ts";
import { watchState } from "./watch-state.ts";
import { workersHealth } from "./workers-health.ts";

/** Every operation of the queen's table. */
export function createHandlers(world: HttpWorld): Required<Handlers<typeof queenRoutes>> {
  return {
    health: getHealth(world),
    listWorkers: listWorkers(world),
    workersHealth: workersHealth(world),
    spawnWorker: spawnWorker(world),
    shutdownWorker: shutdownWorker(world),
    createTask: createTask(world),
    cancelTask: cancelTask(world),
    listTasks: listTasks(world),
    logs: readLogs(world),
    listModels: listModels(world),
    getModel: getModel(world),
    deleteModel: deleteModel(world),
    pullModel: pullModel(world),
    verifyModels: verifyModels(world),
    showHostKey: showHostKey(world),
    addNode: addNode(world),
    updateNode: updateNode(world),
    removeNode: removeNode(world),
    listNodes: listNodes(world),
    installNode: installNode(world),
    startHive: startHive(world),
    stopHive: stopHive(world),
    restartHive: restartHive(world),
    hiveStatus: hiveStatus(world),
    listKeys: listKeys(world),
    createKey: createKey(world),
    revokeKey: revokeKey(world),
    keyUsage: keyUsage(world),
    doctor: getDoctor(world),
    settings: getSettings(world),
    events: watchState(world),
    shutdown: stopQueen(world),
    followShutdown: followStop(world),
    ...createPlacementHandlers(world),
    ...createOpenAiHandlers(world),
    ...createResponsesHandlers(world),
  };
}
