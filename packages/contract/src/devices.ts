import { z } from "zod";

export const backends = ["cpu", "cuda", "metal", "vulkan", "rocm"] as const;
export const BackendName = z.enum(backends);
export type BackendName = z.infer<typeof BackendName>;

/** One GPU as its vendor's tool describes it. `index` is the number behind `--device`. */
export const GpuOnWire = z.object({
  index: z.int().min(0),
  backend: BackendName,
  name: z.string(),
  memory_total_bytes: z.int(),
  memory_free_bytes: z.int(),
  /** Apple: the GPU uses plain memory. */
  unified_memory: z.boolean(),
  temperature_c: z.number().optional(),
  utilization_percent: z.number().optional(),
});
export type GpuOnWire = z.infer<typeof GpuOnWire>;

export const DevicesOnWire = z.object({
  platform: z.string(),
  architecture: z.string(),
  cpu: z.object({ model: z.string(), cores: z.int() }),
  ram: z.object({
    total_bytes: z.int(),
    available_bytes: z.int(),
    /** `hive.memory_limit_mb` when it is set: what rbee may use here in all. */
    limit_bytes: z.int().optional(),
  }),
  disk: z.object({ path: z.string(), total_bytes: z.int(), available_bytes: z.int() }),
  gpus: z.array(GpuOnWire),
  backends: z.array(BackendName),
  /** Vendors' tools that are there and fail, in their own words. */
  tool_problems: z.array(z.object({ tool: z.string(), problem: z.string() })).optional(),
});
export type DevicesOnWire = z.infer<typeof DevicesOnWire>;
