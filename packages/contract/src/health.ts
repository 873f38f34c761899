import { z } from "zod";

export const QueenHealth = z.object({
  status: z.literal("ok"),
  version: z.string(),
  api_version: z.string(),
  uptime_s: z.number(),
  /** Which program answers, and its lasting identity on this machine. */
  program: z.literal("queen-rbee"),
  instance_id: z.string(),
  pid: z.int(),
});
export type QueenHealth = z.infer<typeof QueenHealth>;

export const HiveHealth = z.object({
  status: z.literal("alive"),
  version: z.string(),
  api_version: z.string(),
  node: z.string(),
  /** Instance id of the queen that started this hive, or `operator`. */
  started_by: z.string(),
  instance_id: z.string(),
  pid: z.int(),
  /** What ties it to the queen that started it; absent for the hive of an operator. */
  lease: z
    .object({
      /** True while that queen listens. */
      held: z.boolean(),
      /** Seconds until it stops without her; null while she listens. */
      left_s: z.number().nullable(),
    })
    .optional(),
});
export type HiveHealth = z.infer<typeof HiveHealth>;

export const WorkerHealth = z.object({
  status: z.enum(["healthy", "unhealthy"]),
  state: z.string(),
  memory_bytes: z.int(),
});
export type WorkerHealth = z.infer<typeof WorkerHealth>;
