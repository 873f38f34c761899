import type { GpuReading } from "./gpu-reading.ts";

export const systemProfilerArguments = ["SPDisplaysDataType", "-json"] as const;

export interface UnifiedMemory {
  readonly totalBytes: number;
  /** `sysctl iogpu.wired_limit_mb`, when the person has set one. */
  readonly wiredLimitBytes?: number;
}

const gibibyte = 2 ** 30;
const smallMemoryBytes = 36 * gibibyte;

/**
 * Reads `system_profiler SPDisplaysDataType -json`. Only Apple's own GPUs count: llama.cpp's Metal
 * engine is made for them alone.
 */
export function parseSystemProfiler(stdout: string, memory: UnifiedMemory): GpuReading[] {
  const { SPDisplaysDataType: displays } = JSON.parse(stdout) as {
    readonly SPDisplaysDataType?: readonly Readonly<Record<string, unknown>>[];
  };
  return (displays ?? [])
    .filter(
      (display) =>
        display["spdisplays_vendor"] === "sppci_vendor_Apple" &&
        typeof display["spdisplays_mtlgpufamilysupport"] === "string",
    )
    .map((display, index) => ({
      index,
      backend: "metal" as const,
      name: nameOf(display),
      memory: { kind: "unified" as const, limitBytes: metalLimitBytes(memory) },
    }));
}

function nameOf({ sppci_model: model, _name: name }: Readonly<Record<string, unknown>>): string {
  if (typeof model === "string") return model;
  return typeof name === "string" ? name : "Apple GPU";
}

// What Metal recommends as working set: two thirds of the memory, three quarters above 36 GiB.
function metalLimitBytes({ totalBytes, wiredLimitBytes }: UnifiedMemory): number {
  if (wiredLimitBytes !== undefined) return wiredLimitBytes;
  const share = totalBytes > smallMemoryBytes ? 3 / 4 : 2 / 3;
  return Math.floor(totalBytes * share);
}
