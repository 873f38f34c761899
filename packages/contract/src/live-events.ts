import { z } from "zod";
import { DevicesOnWire } from "./devices.ts";
import { ModelOnWire } from "./models.ts";
import { Narration } from "./narration.ts";
import { ErrorEvent } from "./stream-events.ts";
import { TaskOnWire } from "./tasks.ts";
import { HiveWorker, QueenWorker } from "./workers.ts";

/** What a queen has to know of a model on a node: that it is there, and how large it is. */
export const NodeModel = ModelOnWire.pick({
  id: true,
  reference: true,
  size_bytes: true,
  architecture: true,
  quantization: true,
  context_length: true,
}).extend({ downloaded_at_unix: ModelOnWire.shape.downloaded_at_unix.optional() });
export type NodeModel = z.infer<typeof NodeModel>;

/**
 * What a hive tells its queen on `/v1/events`, an endless stream. The first event is a snapshot,
 * then changes as they happen, and a heartbeat every 5 s.
 */
export const HiveSnapshot = z.object({
  type: z.literal("snapshot"),
  node: z.string(),
  version: z.string(),
  workers: z.array(HiveWorker),
  devices: DevicesOnWire,
  models: z.array(NodeModel).default([]),
});
/** The whole catalogue, whenever it is another one than was told before. */
export const HiveModelsChanged = z.object({
  type: z.literal("models"),
  models: z.array(NodeModel),
});
/** The hive was told to stop: nothing new is sent there. */
export const HiveStopping = z.object({ type: z.literal("stopping") });
export const HiveWorkerChanged = z.object({ type: z.literal("worker"), worker: HiveWorker });
export const HiveWorkerGone = z.object({
  type: z.literal("worker-gone"),
  worker_id: z.string(),
  reason: z.enum(["stopped", "idle", "crashed", "unresponsive", "failed"]),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
});
export const Heartbeat = z.object({ type: z.literal("heartbeat"), time: z.iso.datetime() });
export const HiveEvent = z.union([
  HiveSnapshot,
  HiveModelsChanged,
  HiveStopping,
  HiveWorkerChanged,
  HiveWorkerGone,
  Heartbeat,
  Narration,
]);
export type HiveEvent = z.infer<typeof HiveEvent>;

export const NodeState = z.object({
  name: z.string(),
  status: z.enum(["unknown", "reachable", "unreachable"]),
  version: z.string().nullable(),
  devices: DevicesOnWire.nullable(),
  last_seen: z.iso.datetime().nullable(),
  last_error: z.string().nullable(),
  /** The machine answers and no hive listens there; one is started when it is needed. */
  hive_stopped: z.boolean(),
  /** The models of its catalogue, while its hive is heard. */
  models_on_disk: z.object({ count: z.int(), size_bytes: z.int() }).optional(),
});
export type NodeState = z.infer<typeof NodeState>;

/** The queen's live state for consoles on `/v2/events`, also endless. Each event is complete. */
export const QueenStateEvent = z.object({
  type: z.literal("state"),
  version: z.string(),
  uptime_s: z.number(),
  nodes: z.array(NodeState),
  workers: z.array(QueenWorker),
  tasks: z.array(TaskOnWire),
});
/** An error ends it: the key that it was asked with is good no more. */
export const QueenEvent = z.union([QueenStateEvent, Heartbeat, ErrorEvent]);
export type QueenEvent = z.infer<typeof QueenEvent>;
