import type { GpuMemory, GpuReading } from "./gpu-reading.ts";

export const vulkanSummaryArguments = ["--summary"] as const;

const gpuTypes: ReadonlyMap<string, GpuMemory["kind"]> = new Map([
  ["PHYSICAL_DEVICE_TYPE_DISCRETE_GPU", "own"],
  ["PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU", "own"],
  ["PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU", "unified"],
]);

export interface VulkanDevice {
  readonly index: number;
  readonly name: string;
  readonly kind: GpuMemory["kind"];
}

/** Reads `vulkaninfo --summary`. Devices that are only a processor (llvmpipe) are left out. */
export function parseVulkanSummary(stdout: string): VulkanDevice[] {
  const [, devices = ""] = stdout.split(/^Devices:$/m);
  return splitByGpu(devices).flatMap(({ index, text }) => {
    const kind = gpuTypes.get(fieldOf(text, "deviceType") ?? "");
    const name = fieldOf(text, "deviceName");
    return kind === undefined || name === undefined ? [] : [{ index, name, kind }];
  });
}

/** Adds what the full `vulkaninfo` says about the memory of those devices. */
export function parseVulkanMemory(stdout: string, devices: readonly VulkanDevice[]): GpuReading[] {
  const heaps = new Map<number, GpuMemory>();
  for (const { index, text } of splitByGpu(stdout)) {
    const memory = largestLocalHeap(text);
    if (memory !== undefined) heaps.set(index, memory);
  }
  return devices.flatMap(({ index, name, kind }) => {
    const memory = kind === "unified" ? { kind } : heaps.get(index);
    return memory === undefined ? [] : [{ index, backend: "vulkan" as const, name, memory }];
  });
}

function splitByGpu(text: string): { readonly index: number; readonly text: string }[] {
  const [, ...parts] = text.split(/^GPU(\d+):\s*$/m);
  return parts.flatMap((part, position) =>
    position % 2 === 0 ? [{ index: Number(part), text: parts[position + 1] ?? "" }] : [],
  );
}

function fieldOf(text: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name}\\s*=\\s*(.+?)\\s*$`, "m").exec(text)?.[1];
}

// `budget` is what a program may take now, where the driver tells it; else the whole heap.
function largestLocalHeap(text: string): GpuMemory | undefined {
  const [, heaps = ""] = text.split(/^memoryHeaps: count = \d+$/m);
  const [, ...parts] = heaps.split(/^\s*memoryHeaps\[\d+\]:\s*$/m);
  let largest: Extract<GpuMemory, { kind: "own" }> | undefined;
  for (const part of parts) {
    if (!part.includes("MEMORY_HEAP_DEVICE_LOCAL_BIT")) continue;
    const totalBytes = Number.parseInt(fieldOf(part, "size") ?? "", 10);
    const budgetBytes = Number.parseInt(fieldOf(part, "budget") ?? "", 10);
    if (!Number.isInteger(totalBytes) || totalBytes <= (largest?.totalBytes ?? 0)) continue;
    const freeBytes = budgetBytes > 0 ? Math.min(budgetBytes, totalBytes) : totalBytes;
    largest = { kind: "own", totalBytes, freeBytes };
  }
  return largest;
}
