import type { DevicesOnWire } from "@rbee/contract";
import { formatBytes } from "./figures.ts";

/** What a node has, as pairs of a name and a value. */
export function renderDevices(devices: DevicesOnWire): readonly (readonly [string, string])[] {
  const { cpu, ram, disk, gpus, backends } = devices;
  const limit = ram.limit_bytes === undefined ? "" : `, limit ${formatBytes(ram.limit_bytes)}`;
  return [
    ["CPU", `${cpu.model}, ${cpu.cores} cores`],
    ["Memory", `${free(ram.available_bytes, ram.total_bytes)}${limit}`],
    ["Disk", `${free(disk.available_bytes, disk.total_bytes)} (${disk.path})`],
    ...gpus.map((gpu): readonly [string, string] => {
      const memory = gpu.unified_memory
        ? "unified memory"
        : free(gpu.memory_free_bytes, gpu.memory_total_bytes);
      return [`GPU ${gpu.backend}:${gpu.index}`, `${gpu.name}, ${memory}`];
    }),
    ["Backends", backends.join(", ")],
  ];
}

function free(available: number, total: number): string {
  return `${formatBytes(available)} free of ${formatBytes(total)}`;
}
