import { z } from "zod";
import { DevicesOnWire } from "../devices.ts";
import { HiveHealth } from "../health.ts";
import { HiveEvent } from "../live-events.ts";
import {
  HiveVerifyRequest,
  ModelDeleted,
  ModelDownloadAnswer,
  ModelDownloadRequest,
  ModelList,
  ModelOnWire,
} from "../models.ts";
import { PlacementEstimate, PlacementEstimateRequest } from "../placement.ts";
import { HiveSpawnEvent, LogEvent, PullEvent, VerifyEvent } from "../stream-events.ts";
import {
  Acknowledged,
  HiveSpawnAnswer,
  HiveSpawnRequest,
  HiveWorkerList,
  WorkerAccess,
  WorkerReadyCall,
} from "../workers.ts";
import { defineRoutes } from "./define-route.ts";
import { LogQuery } from "./log-query.ts";

/** What can go wrong while a model is fetched from the hub. */
export const downloadErrors = [
  "MODEL_ACCESS_DENIED",
  "DOWNLOAD_FAILED",
  "DOWNLOAD_TIMEOUT",
  "CHECKSUM_MISMATCH",
  "INSUFFICIENT_DISK",
  "PERMISSION_DENIED",
  "INSECURE_SECRET",
  "INVALID_CONFIGURATION",
] as const;

/** What the hive refuses a spawn with, at once or while the worker comes up. */
const spawnErrors = [
  "INVALID_MODEL_REF",
  "INVALID_BACKEND",
  "DEVICE_NOT_AVAILABLE",
  "BACKEND_UNAVAILABLE",
  "INSUFFICIENT_RAM",
  "VRAM_EXHAUSTED",
  "INVALID_MODEL_FILE",
  "MODEL_NOT_FOUND",
  "CIRCUIT_OPEN",
  "WORKER_STARTUP_FAILED",
] as const;

/** The same with what can go wrong while a model is fetched and loaded: a spawn to its end. */
export const spawnStoryErrors = [...spawnErrors, ...downloadErrors, "LOADING_TIMEOUT"] as const;

/** rbee-hive, port 9200 (spec 4.3). */
export const hiveRoutes = defineRoutes({
  health: {
    method: "get",
    path: "/v1/health",
    summary: "Who answers, with version and owner",
    needsKey: false,
    answer: HiveHealth,
    errors: [],
  },
  devices: {
    method: "get",
    path: "/v1/devices",
    summary: "CPU, memory, disk, GPUs, backends",
    answer: DevicesOnWire,
    errors: [],
  },
  spawnWorker: {
    method: "post",
    path: "/v1/workers/spawn",
    summary: "Start a worker with a model; the story goes on at events_url",
    body: HiveSpawnRequest,
    answer: HiveSpawnAnswer,
    status: 202,
    errors: spawnErrors,
  },
  workerEvents: {
    method: "get",
    path: "/v1/workers/:id/events",
    summary: "How a worker comes up: download, preflight, spawn, loading, ready",
    events: HiveSpawnEvent,
    errors: ["WORKER_NOT_FOUND", ...spawnStoryErrors],
  },
  workerReady: {
    method: "post",
    path: "/v1/workers/ready",
    summary: "A worker says that its HTTP server listens",
    body: WorkerReadyCall,
    answer: Acknowledged,
    errors: ["WORKER_NOT_FOUND"],
  },
  listWorkers: {
    method: "get",
    path: "/v1/workers/list",
    summary: "The workers of this node",
    answer: HiveWorkerList,
    errors: [],
  },
  workerAccess: {
    method: "get",
    path: "/v1/workers/:id/access",
    summary: "Address and key of a worker, for the queen that relays its tokens",
    answer: WorkerAccess,
    errors: ["WORKER_NOT_FOUND", "WORKER_NOT_READY"],
  },
  stopWorker: {
    method: "delete",
    path: "/v1/workers/:id",
    summary: "Stop a worker gracefully; answers when it is gone",
    answer: Acknowledged,
    errors: ["WORKER_NOT_FOUND"],
  },
  downloadModel: {
    method: "post",
    path: "/v1/models/download",
    summary: "Fetch a model, or join the download that runs",
    body: ModelDownloadRequest,
    answer: ModelDownloadAnswer,
    errors: ["INVALID_MODEL_REF", "MODEL_NOT_FOUND", "INVALID_MODEL_FILE"],
  },
  downloadProgress: {
    method: "get",
    path: "/v1/models/download/progress",
    summary: "A download as it goes; a late subscriber first gets the current state",
    query: z.strictObject({ id: z.string().min(1) }),
    events: PullEvent,
    errors: ["MODEL_NOT_FOUND", "INVALID_MODEL_FILE", ...downloadErrors],
  },
  listModels: {
    method: "get",
    path: "/v1/models",
    summary: "The catalogue of this node",
    answer: ModelList,
    errors: [],
  },
  getModel: {
    method: "get",
    path: "/v1/models/:id",
    summary: "One model of the catalogue, by id or reference",
    answer: ModelOnWire,
    errors: ["MODEL_NOT_FOUND"],
  },
  deleteModel: {
    method: "delete",
    path: "/v1/models/:id",
    summary: "Forget a model; a downloaded file is deleted, a person's own file is kept",
    answer: ModelDeleted,
    errors: ["MODEL_NOT_FOUND"],
  },
  verifyModels: {
    method: "post",
    path: "/v1/models/verify",
    summary: "Read files again and compare them with the catalogue",
    body: HiveVerifyRequest,
    events: VerifyEvent,
    errors: ["MODEL_NOT_FOUND"],
  },
  estimatePlacement: {
    method: "post",
    path: "/v1/placement/estimate",
    summary: "Whether a worker with a model would fit, as the preflight would judge it now",
    body: PlacementEstimateRequest,
    answer: PlacementEstimate,
    errors: ["INVALID_MODEL_REF"],
  },
  logs: {
    method: "get",
    path: "/v1/logs",
    summary: "Log lines of the hive and its workers",
    query: LogQuery,
    events: LogEvent,
    errors: ["WORKER_NOT_FOUND"],
  },
  events: {
    method: "get",
    path: "/v1/events",
    summary: "Live state for the queen: snapshot, changes, heartbeat",
    query: z.strictObject({ queen: z.string().max(64).optional() }),
    events: HiveEvent,
    endless: true,
    errors: ["HIVE_TAKEN"],
  },
  renewLease: {
    method: "post",
    path: "/v1/lease",
    summary: "The queen still hears; an open stream alone does not tell, its reader may be gone",
    body: z.strictObject({ queen: z.string().max(64) }),
    answer: Acknowledged,
    errors: ["HIVE_TAKEN"],
  },
  shutdown: {
    method: "post",
    path: "/v1/admin/shutdown",
    summary: "Stop all workers and exit",
    answer: Acknowledged,
    status: 202,
    errors: [],
  },
});
