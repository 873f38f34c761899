import { z } from "zod";
import { BackendName } from "./devices.ts";
import { ErrorBody } from "./error-envelope.ts";
import { sizes } from "./limits.ts";
import { ModelReferenceText, NodeName, WorkerId, WorkerState } from "./workers.ts";

const wish = {
  backend: z.string().max(sizes.identifierMax).optional(),
  device: z.int().min(0).optional(),
  context: z.int().min(16).optional(),
} as const;

/** What a hive is asked: would a worker with this model fit, as it is there now? */
export const PlacementEstimateRequest = z.strictObject({
  model_ref: ModelReferenceText,
  ...wish,
  slots: z.int().min(1).max(64).optional(),
  /** Its size, for a model that this node may not have and the asker knows of. */
  size_bytes: z.int().min(1).optional(),
  /** Ask the hub for the size when nobody knows it. */
  look_up: z.boolean().optional(),
  /** Judge as if these workers were gone. */
  without: z.array(WorkerId).max(256).optional(),
});
export type PlacementEstimateRequest = z.infer<typeof PlacementEstimateRequest>;

/** Memory that a worker could be put into. */
export const MemoryPlaceOnWire = z.object({
  backend: BackendName,
  device: z.int(),
  /** What it is a part of: "ram" for the processor and unified memory, else the GPU. */
  pool: z.string(),
  required_mb: z.int(),
  available_mb: z.int(),
});
export type MemoryPlaceOnWire = z.infer<typeof MemoryPlaceOnWire>;

/** An error that is part of an answer and not the answer's own. */
export const FoundError = ErrorBody.pick({ code: true, message: true, details: true });
export type FoundError = z.infer<typeof FoundError>;

export const PlacementEstimate = z.object({
  /** `unknown`: nobody knows how large the model is. */
  verdict: z.enum(["fits", "short", "refused", "unknown"]),
  on_disk: z.boolean(),
  size_bytes: z.int().nullable(),
  size_from: z.enum(["catalogue", "asker", "hub"]).nullable(),
  /** Workers of this model ran here like that, so the figure is one that was seen. */
  measured: z.boolean(),
  /** Where and how it would be started, or where it came closest. */
  backend: BackendName.nullable(),
  device: z.int().nullable(),
  slots: z.int().nullable(),
  context: z.int().nullable(),
  required_mb: z.int().nullable(),
  available_mb: z.int().nullable(),
  places: z.array(MemoryPlaceOnWire),
  error: FoundError.nullable(),
});
export type PlacementEstimate = z.infer<typeof PlacementEstimate>;

export const PlacementQuery = z.strictObject({
  model: ModelReferenceText,
  node: NodeName.optional(),
  backend: wish.backend,
  device: z.coerce.number().pipe(z.int().min(0)).optional(),
  context: z.coerce.number().pipe(z.int().min(16)).optional(),
});

const stopped = z.object({
  worker_id: z.string(),
  model_ref: z.string(),
  memory_mb: z.int(),
  running: z.int(),
  idle_ms: z.number(),
});

export const PlacementWorker = z.object({
  worker_id: z.string(),
  model_ref: z.string(),
  state: WorkerState,
  slots_total: z.int(),
  slots_free: z.int(),
  memory_mb: z.int(),
  idle_ms: z.number(),
  /** Why it may not be stopped for others now; null when it may. */
  kept: z.enum(["pinned", "busy", "young", "leaving", "coming-up"]).nullable(),
});

export const NodeExplanation = z.object({
  node: z.string(),
  status: z.enum(["unknown", "reachable", "unreachable"]),
  draining: z.boolean(),
  /**
   * `loaded`: a worker with the model is there. `not-asked`: its hive does not run, and nobody
   * starts one to answer a question.
   */
  verdict: z.enum(["loaded", "fits", "short", "refused", "unknown", "not-asked"]),
  on_disk: z.boolean(),
  size_bytes: z.int().nullable(),
  measured: z.boolean(),
  device: z.string().nullable(),
  required_mb: z.int().nullable(),
  available_mb: z.int().nullable(),
  short_mb: z.int().nullable(),
  /** Whom the queen would stop there to make room, if she had to choose this node. */
  would_stop: z.array(stopped),
  workers: z.array(PlacementWorker),
  error: FoundError.nullable(),
});
export type NodeExplanation = z.infer<typeof NodeExplanation>;

export const PlacementExplanation = z.object({
  model: z.string(),
  pinned: z.boolean(),
  /** What the queen would do with a request that came now. */
  choice: z.object({
    kind: z.enum(["use", "wait", "spawn", "evict", "refuse"]),
    node: z.string().nullable(),
    worker_id: z.string().nullable(),
    /** In a sentence. */
    reason: z.string(),
    stops: z.array(stopped),
    error: FoundError.nullable(),
  }),
  nodes: z.array(NodeExplanation),
});
export type PlacementExplanation = z.infer<typeof PlacementExplanation>;
