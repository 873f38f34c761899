import { z } from "zod";
import { checkGenerationFields, generationFields } from "./inference.ts";
import { sizes } from "./limits.ts";
import { ModelReferenceText, NodeName } from "./workers.ts";

export const taskPriorities = ["low", "normal", "high"] as const;
export const TaskPriority = z.enum(taskPriorities);
export type TaskPriority = z.infer<typeof TaskPriority>;

/** Where a task may run and whether it may wait; everything else is the generation itself. */
export const placementFields = {
  node: NodeName.optional(),
  model: ModelReferenceText.optional(),
  backend: z.string().max(sizes.identifierMax).optional(),
  device: z.int().min(0).optional(),
  context: z.int().min(16).optional(),
  /** False: answer ALL_SLOTS_BUSY instead of queueing. */
  wait: z.boolean().optional(),
  /** In the queue; `normal` unless it says otherwise. */
  priority: TaskPriority.optional(),
} as const;

export const TaskRequest = z
  .strictObject({ ...generationFields, ...placementFields })
  .superRefine((request, context) => checkGenerationFields(request, context));
export type TaskRequest = z.infer<typeof TaskRequest>;

export const taskPhases = [
  "placing",
  "queued",
  "starting-hive",
  "spawning",
  "downloading",
  "loading",
  "inferring",
  "done",
  "failed",
  "cancelled",
] as const;
export const TaskPhase = z.enum(taskPhases);
export type TaskPhase = z.infer<typeof TaskPhase>;

export const TaskOnWire = z.object({
  task_id: z.string(),
  phase: TaskPhase,
  model: z.string(),
  node: z.string().nullable(),
  worker_id: z.string().nullable(),
  tokens: z.int(),
  tokens_per_sec: z.number(),
  queue_position: z.int().nullable(),
  /** Seconds until its turn, estimated; null while it does not wait or nothing was measured yet. */
  estimated_wait_s: z.number().nullable().default(null),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable(),
  error_code: z.string().nullable(),
  /** Who asked: the id of a key, or an address where no key is needed. */
  source: z.string().optional(),
  first_token_at: z.iso.datetime().nullable().optional(),
  /** Every phase that it came into, in order; `downloading` and `loading` once each. */
  phases: z.array(z.object({ phase: TaskPhase, at: z.iso.datetime() })).optional(),
});
export type TaskOnWire = z.infer<typeof TaskOnWire>;
export const TaskList = z.object({ tasks: z.array(TaskOnWire) });
