import { z } from "zod";
import { BackendName } from "./devices.ts";
import { patterns, sizes } from "./limits.ts";

export const workerStates = [
  "starting",
  "loading",
  "idle",
  "busy",
  "draining",
  "stopped",
  "error",
] as const;
export const WorkerState = z.enum(workerStates);
export type WorkerState = z.infer<typeof WorkerState>;

export const WorkerId = z.string().max(sizes.identifierMax).regex(patterns.workerId);
export const ModelReferenceText = z.string().min(1).max(sizes.modelReferenceMax);
export const NodeName = z
  .string()
  .min(1)
  .max(sizes.identifierMax)
  .regex(
    patterns.nodeName,
    "must be letters, digits, dots and hyphens, with a letter or digit at both ends",
  );

const timestamp = z.iso.datetime();

/** What a loaded model can do. */
export const ModelCapabilities = z.object({
  generation: z.boolean(),
  /** Its file has a chat template, so it takes messages. */
  chat: z.boolean(),
  /** How it writes function calls; `generic` where its template knows no such thing. */
  tools: z.enum(["hermes", "llama", "mistral", "mistral-args", "generic"]).nullable(),
  embeddings: z.boolean(),
  rerank: z.boolean(),
  vision: z.boolean(),
});
export type ModelCapabilities = z.infer<typeof ModelCapabilities>;

/** A worker as its hive lists it. */
export const HiveWorker = z.object({
  id: WorkerId,
  url: z.string().nullable(),
  model_ref: z.string(),
  backend: BackendName,
  device: z.int(),
  state: WorkerState,
  slots_total: z.int(),
  slots_available: z.int(),
  context: z.int(),
  last_activity: timestamp.nullable(),
  last_seen: timestamp.nullable(),
  failed_health_checks: z.int(),
  pid: z.int().nullable(),
  restart_count: z.int(),
  memory_bytes: z.int(),
  /** Absent until its model is loaded. */
  capabilities: ModelCapabilities.optional(),
  /** What the preflight promised it; it gives back at least as much. */
  required_bytes: z.int().default(0),
  /**
   * How long it has been ready (null while it comes up), and how long nobody has used it. Ages and
   * no moments: the clocks of two machines may disagree.
   */
  ready_for_ms: z.number().nullable().default(null),
  quiet_for_ms: z.number().default(0),
});
export type HiveWorker = z.infer<typeof HiveWorker>;

export const HiveWorkerList = z.object({ workers: z.array(HiveWorker) });
export type HiveWorkerList = z.infer<typeof HiveWorkerList>;

/** A worker as the queen shows it. */
export const QueenWorker = z.object({
  worker_id: z.string(),
  node: z.string(),
  url: z.string().nullable(),
  state: WorkerState,
  model_ref: z.string(),
  backend: BackendName,
  device: z.int(),
  slots_total: z.int(),
  slots_available: z.int(),
  memory_bytes: z.int(),
  /** From 0 to 1, how far the queen trusts it: one that fails of itself gets less to do. */
  weight: z.number().optional(),
  last_activity: timestamp.nullable(),
  pid: z.int().nullable(),
  /** How often its hive brought it up again after it had died. */
  restart_count: z.int().optional(),
  capabilities: ModelCapabilities.optional(),
});
export type QueenWorker = z.infer<typeof QueenWorker>;

export const QueenWorkerList = z.object({ workers: z.array(QueenWorker) });
export const QueenWorkerHealth = z.object({
  status: z.literal("ok"),
  workers: z.array(
    z.object({ worker_id: z.string(), node: z.string(), state: WorkerState, ready: z.boolean() }),
  ),
});

const slots = z.int().min(1).max(64);
const context = z.int().min(16);
const device = z.int().min(0);

export const HiveSpawnRequest = z.strictObject({
  model_ref: ModelReferenceText,
  backend: z.string().max(sizes.identifierMax).optional(),
  device: device.optional(),
  slots: slots.optional(),
  context: context.optional(),
  /** Not stopped for being idle. */
  keep: z.boolean().optional(),
});
export type HiveSpawnRequest = z.infer<typeof HiveSpawnRequest>;

export const HiveSpawnAnswer = z.object({
  worker_id: z.string(),
  url: z.string().nullable(),
  state: WorkerState,
  /** Path on the hive where the rest of the story is streamed. */
  events_url: z.string(),
});
export type HiveSpawnAnswer = z.infer<typeof HiveSpawnAnswer>;

/** What a worker says to its hive as soon as its HTTP server listens. */
export const WorkerReadyCall = z.strictObject({
  worker_id: WorkerId,
  url: z.url(),
  model_ref: z.string(),
  backend: BackendName,
  device: z.int(),
  state: WorkerState,
});
export type WorkerReadyCall = z.infer<typeof WorkerReadyCall>;

/** The key of a worker, for the queen only: it relays tokens from the worker itself. */
export const WorkerAccess = z.object({
  worker_id: z.string(),
  url: z.string(),
  api_key: z.string(),
});
export type WorkerAccess = z.infer<typeof WorkerAccess>;

export const QueenSpawnRequest = z.strictObject({
  node: NodeName.optional(),
  model: ModelReferenceText,
  backend: z.string().max(sizes.identifierMax).optional(),
  device: device.optional(),
  slots: slots.optional(),
  context: context.optional(),
});
export type QueenSpawnRequest = z.infer<typeof QueenSpawnRequest>;

export const WorkerShutdownRequest = z.strictObject({ worker_id: WorkerId });

export const WorkerReadiness = z.union([
  z.object({ ready: z.literal(false), state: WorkerState, progress_url: z.string() }),
  z.object({
    ready: z.literal(true),
    state: WorkerState,
    model_loaded: z.literal(true),
    capabilities: ModelCapabilities.optional(),
  }),
]);
export type WorkerReadiness = z.infer<typeof WorkerReadiness>;

export const AdminShutdownRequest = z.strictObject({
  graceful: z.boolean().optional(),
  timeout_seconds: z.number().min(0).max(3600).optional(),
});
export const Acknowledged = z.object({ success: z.literal(true), message: z.string() });
