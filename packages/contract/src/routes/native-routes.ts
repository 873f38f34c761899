import { z } from "zod";
import { QueenHealth } from "../health.ts";
import { QueenEvent } from "../live-events.ts";
import {
  ModelDeleted,
  ModelList,
  ModelOnWire,
  QueenModelRequest,
  QueenVerifyRequest,
} from "../models.ts";
import { HiveNodeRequest, HiveStatusAnswer } from "../nodes.ts";
import { DoctorReport, SettingsAnswer } from "../operations.ts";
import {
  LogEvent,
  OperationEvent,
  PullEvent,
  QueenSpawnEvent,
  TaskEvent,
  VerifyEvent,
} from "../stream-events.ts";
import { TaskList, TaskRequest } from "../tasks.ts";
import {
  Acknowledged,
  NodeName,
  QueenSpawnRequest,
  QueenWorkerHealth,
  QueenWorkerList,
  WorkerShutdownRequest,
} from "../workers.ts";
import { defineRoutes } from "./define-route.ts";
import { downloadErrors, spawnStoryErrors } from "./hive-routes.ts";
import { keyRoutes } from "./key-routes.ts";
import { LogQuery } from "./log-query.ts";
import { nodeRoutes, sshErrors } from "./node-routes.ts";
import { placementRoutes } from "./placement-routes.ts";

const nodeQuery = z.strictObject({ node: NodeName.optional() });

const reachErrors = [
  "NODE_NOT_FOUND",
  "NODE_UNREACHABLE",
  "HIVE_NOT_INSTALLED",
  "HIVE_START_FAILED",
  "PORT_IN_USE",
  "CONNECTION_TIMEOUT",
  "INVALID_RESPONSE",
  "VERSION_MISMATCH",
  "HIVE_TAKEN",
  ...sshErrors,
] as const;

const spawnErrors = [...reachErrors, ...spawnStoryErrors, "KEY_MODEL_DENIED"] as const;

/** What the queen answers in rbee's own words, without the dialects of others. */
export const nativeRoutes = defineRoutes({
  health: {
    method: "get",
    path: "/health",
    summary: "Who answers, with version",
    needsKey: false,
    answer: QueenHealth,
    errors: [],
  },
  listWorkers: {
    method: "get",
    path: "/v2/workers/list",
    summary: "The workers of all nodes, or of one",
    query: nodeQuery,
    answer: QueenWorkerList,
    errors: ["NODE_NOT_FOUND"],
  },
  workersHealth: {
    method: "get",
    path: "/v2/workers/health",
    summary: "State and readiness of each worker",
    query: nodeQuery,
    answer: QueenWorkerHealth,
    errors: ["NODE_NOT_FOUND"],
  },
  spawnWorker: {
    method: "post",
    path: "/v2/workers/spawn",
    summary: "Load a model ahead of time",
    body: QueenSpawnRequest,
    events: QueenSpawnEvent,
    errors: spawnErrors,
  },
  shutdownWorker: {
    method: "post",
    path: "/v2/workers/shutdown",
    summary: "Stop one worker gracefully; answers when it is gone",
    body: WorkerShutdownRequest,
    answer: Acknowledged,
    errors: ["WORKER_NOT_FOUND", ...reachErrors],
  },
  createTask: {
    method: "post",
    path: "/v2/tasks",
    summary: "From a prompt to the last token, as one stream",
    scope: "use",
    body: TaskRequest,
    events: TaskEvent,
    errors: [
      ...spawnErrors,
      "ALL_SLOTS_BUSY",
      "QUEUE_FULL",
      "QUEUE_TIMEOUT",
      "CONTEXT_EXCEEDED",
      "INFERENCE_FAILED",
      "GENERATION_TIMEOUT",
      "SSE_CLOSED",
      "CONNECTION_LOST",
      "KEY_PRIORITY_DENIED",
      "REQUEST_CANCELED",
    ],
  },
  cancelTask: {
    method: "delete",
    path: "/v2/tasks/:task_id",
    summary: "Cancel a task down to the worker; idempotent",
    scope: "use",
    status: 204,
    errors: [],
  },
  listTasks: {
    method: "get",
    path: "/v2/tasks",
    summary: "Running and recent requests",
    scope: "use",
    answer: TaskList,
    errors: [],
  },
  logs: {
    method: "get",
    path: "/v2/logs",
    summary: "Log lines of a node, or of the queen when no node is named",
    query: LogQuery,
    events: LogEvent,
    errors: ["WORKER_NOT_FOUND", ...reachErrors],
  },
  listModels: {
    method: "get",
    path: "/v2/models",
    summary: "The catalogue of a node",
    scope: "use",
    query: nodeQuery,
    answer: ModelList,
    errors: [...reachErrors],
  },
  getModel: {
    method: "get",
    path: "/v2/models/:id",
    summary: "One model of a node's catalogue, by id or reference",
    scope: "use",
    query: nodeQuery,
    answer: ModelOnWire,
    errors: ["MODEL_NOT_FOUND", "KEY_MODEL_DENIED", ...reachErrors],
  },
  deleteModel: {
    method: "delete",
    path: "/v2/models/:id",
    summary: "Remove a model from a node",
    query: nodeQuery,
    answer: ModelDeleted,
    errors: ["MODEL_NOT_FOUND", ...reachErrors],
  },
  pullModel: {
    method: "post",
    path: "/v2/models/pull",
    summary: "Fetch a model to a node",
    body: QueenModelRequest,
    events: PullEvent,
    errors: [
      ...reachErrors,
      "KEY_MODEL_DENIED",
      "INVALID_MODEL_REF",
      "MODEL_NOT_FOUND",
      "INVALID_MODEL_FILE",
      ...downloadErrors,
    ],
  },
  verifyModels: {
    method: "post",
    path: "/v2/models/verify",
    summary: "Read a node's model files again and compare",
    body: QueenVerifyRequest,
    events: VerifyEvent,
    errors: ["MODEL_NOT_FOUND", ...reachErrors],
  },
  startHive: {
    method: "post",
    path: "/v2/hives/start",
    summary: "Make sure that the hive of a node runs",
    body: HiveNodeRequest,
    events: OperationEvent,
    errors: [...reachErrors],
  },
  stopHive: {
    method: "post",
    path: "/v2/hives/stop",
    summary: "Stop the hive of a node and its workers",
    body: HiveNodeRequest,
    events: OperationEvent,
    errors: [...reachErrors],
  },
  restartHive: {
    method: "post",
    path: "/v2/hives/restart",
    summary: "Stop and start the hive of a node",
    body: HiveNodeRequest,
    events: OperationEvent,
    errors: [...reachErrors],
  },
  hiveStatus: {
    method: "get",
    path: "/v2/hives/status",
    summary: "Whether the hive of a node runs, whose it is, and what the node has",
    query: nodeQuery,
    answer: HiveStatusAnswer,
    errors: ["NODE_NOT_FOUND"],
  },
  ...keyRoutes,
  doctor: {
    method: "get",
    path: "/v2/doctor",
    summary: "What a first-time user gets wrong, checked",
    query: nodeQuery,
    answer: DoctorReport,
    errors: ["NODE_NOT_FOUND"],
  },
  settings: {
    method: "get",
    path: "/v2/settings",
    summary: "The effective configuration and where each value comes from",
    answer: SettingsAnswer,
    errors: [],
  },
  events: {
    method: "get",
    path: "/v2/events",
    summary: "Live state for consoles: nodes, devices, workers, tasks",
    events: QueenEvent,
    endless: true,
    errors: [],
  },
  shutdown: {
    method: "post",
    path: "/v2/shutdown",
    summary: "The cascade: hives, their workers, then the queen",
    answer: Acknowledged,
    status: 202,
    errors: [],
  },
  followShutdown: {
    method: "post",
    path: "/v2/shutdown/follow",
    summary: "The same, told as it goes: which hive stops, how many have, how",
    events: OperationEvent,
    errors: [],
  },
  ...nodeRoutes,
  ...placementRoutes,
});
