import type { FitFacts, MemoryHolding } from "./fit.ts";
import type { Gpu } from "./node-devices.ts";

/**
 * The facts as if some workers were gone. What they hold comes back: of plain memory all but the
 * mapped weights, which the system counts as free already; of a GPU what they were promised.
 */
export function withoutWorkers(facts: FitFacts, ids: ReadonlySet<string>): FitFacts {
  if (ids.size === 0) return facts;
  const gone = facts.holdings.filter(({ workerId }) => ids.has(workerId));
  const { ram, gpus } = facts.devices;
  const returned = gone
    .filter((holding) => usesRam(holding, gpus))
    .reduce((sum, { heldBytes, weightBytes }) => sum + Math.max(0, heldBytes - weightBytes), 0);
  return {
    ...facts,
    holdings: facts.holdings.filter((holding) => !gone.includes(holding)),
    devices: {
      ...facts.devices,
      ram: { ...ram, availableBytes: Math.min(ram.totalBytes, ram.availableBytes + returned) },
      gpus: gpus.map((gpu) => freeGpu(gpu, gone)),
    },
  };
}

function usesRam({ backend, device }: MemoryHolding, gpus: readonly Gpu[]): boolean {
  const gpu = gpus.find((one) => one.backend === backend && one.index === device);
  return backend === "cpu" || gpu?.hasUnifiedMemory === true;
}

function freeGpu(gpu: Gpu, gone: readonly MemoryHolding[]): Gpu {
  const promised = gone
    .filter(({ backend, device, isLoading }) => {
      return backend === gpu.backend && device === gpu.index && !isLoading;
    })
    .reduce((sum, { requiredBytes }) => sum + requiredBytes, 0);
  const memoryFreeBytes = Math.min(gpu.memoryTotalBytes, gpu.memoryFreeBytes + promised);
  return { ...gpu, memoryFreeBytes };
}
