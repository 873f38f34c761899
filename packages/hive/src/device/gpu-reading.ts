import type { Gpu, NodeDevices } from "../domain/node-devices.ts";

/** A GPU as a tool describes it. */
export type GpuReading = Omit<Gpu, "memoryTotalBytes" | "memoryFreeBytes" | "hasUnifiedMemory"> & {
  readonly memory: GpuMemory;
};

export type GpuMemory =
  | { readonly kind: "own"; readonly totalBytes: number; readonly freeBytes: number }
  /** Plain memory, of which the GPU may have so much, or all. */
  | { readonly kind: "unified"; readonly limitBytes?: number };

export function completeGpu({ memory, ...gpu }: GpuReading, ram: NodeDevices["ram"]): Gpu {
  if (memory.kind === "own") {
    const { totalBytes, freeBytes } = memory;
    return {
      ...gpu,
      memoryTotalBytes: totalBytes,
      memoryFreeBytes: freeBytes,
      hasUnifiedMemory: false,
    };
  }
  const memoryTotalBytes = Math.min(memory.limitBytes ?? Infinity, ram.totalBytes);
  return {
    ...gpu,
    memoryTotalBytes,
    memoryFreeBytes: Math.min(memoryTotalBytes, ram.availableBytes),
    hasUnifiedMemory: true,
  };
}

/** A number that a tool wrote, or undefined for `[N/A]`, `[Not Supported]` and the like. */
export function parseFigure(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || !/^\s*-?\d/.test(value)) return undefined;
  const number = Number.parseFloat(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Optional figures of a reading, without those that are unknown. */
export function figures(
  temperatureC: number | undefined,
  utilizationPercent: number | undefined,
): Pick<GpuReading, "temperatureC" | "utilizationPercent"> {
  return {
    ...(temperatureC === undefined ? {} : { temperatureC }),
    ...(utilizationPercent === undefined ? {} : { utilizationPercent }),
  };
}
