import type { DevicesOnWire, GpuOnWire } from "@rbee/contract";
import type { Gpu, NodeDevices } from "../domain/node-devices.ts";

export function devicesToWire(found: NodeDevices): DevicesOnWire {
  const { ram, disk, gpus, toolProblems = [], ...devices } = found;
  return {
    platform: devices.platform,
    architecture: devices.architecture,
    cpu: { ...devices.cpu },
    ram: {
      total_bytes: ram.totalBytes,
      available_bytes: ram.availableBytes,
      ...(ram.limitBytes === undefined ? {} : { limit_bytes: ram.limitBytes }),
    },
    disk: {
      path: disk.path,
      total_bytes: disk.totalBytes,
      available_bytes: disk.availableBytes,
    },
    gpus: gpus.map(gpuToWire),
    backends: [...devices.backends],
    ...(toolProblems.length === 0
      ? {}
      : { tool_problems: toolProblems.map((one) => ({ ...one })) }),
  };
}

function gpuToWire(gpu: Gpu): GpuOnWire {
  return {
    index: gpu.index,
    backend: gpu.backend,
    name: gpu.name,
    memory_total_bytes: gpu.memoryTotalBytes,
    memory_free_bytes: gpu.memoryFreeBytes,
    unified_memory: gpu.hasUnifiedMemory,
    ...(gpu.temperatureC === undefined ? {} : { temperature_c: gpu.temperatureC }),
    ...(gpu.utilizationPercent === undefined
      ? {}
      : { utilization_percent: gpu.utilizationPercent }),
  };
}
