import type { FitFacts, MemoryHolding } from "./fit.ts";
import type { Gpu } from "./node-devices.ts";

type MemoryFacts = Pick<FitFacts, "devices" | "holdings">;

/**
 * Plain memory that a new worker may take. What loading workers were promised and do not hold yet
 * is in no figure of the machine. And weights are mapped files, which the system counts as memory
 * it could give back: so what our workers hold is also taken off the total, and off the limit.
 */
export function availableRamBytes({ devices, holdings }: MemoryFacts): number {
  const { totalBytes, availableBytes, limitBytes = Infinity } = devices.ram;
  const ours = holdings.filter((holding) => usesPlainMemory(holding, devices.gpus));
  const pending = ours.filter(({ isLoading }) => isLoading).map((holding) => missingBytes(holding));
  const reserved = sum(
    ours.map(({ requiredBytes, heldBytes }) => Math.max(requiredBytes, heldBytes)),
  );
  const free = Math.min(
    availableBytes - sum(pending),
    totalBytes - reserved,
    limitBytes - reserved,
  );
  return Math.max(0, free);
}

/** Memory of a GPU that a new worker may take; with unified memory also no more than is plain. */
export function availableGpuBytes(gpu: Gpu, facts: MemoryFacts): number {
  const onIt = facts.holdings.filter((holding) => isOn(holding, gpu) && holding.isLoading);
  if (gpu.hasUnifiedMemory) {
    const pending = sum(onIt.map((holding) => missingBytes(holding)));
    return Math.max(0, Math.min(gpu.memoryFreeBytes - pending, availableRamBytes(facts)));
  }
  // A worker reports plain memory, which says nothing about the GPU's: until it is loaded the whole
  // promise counts, though a part of it may be missing from the free memory already.
  const pending = sum(onIt.map(({ requiredBytes }) => requiredBytes));
  return Math.max(0, gpu.memoryFreeBytes - pending);
}

function usesPlainMemory(holding: MemoryHolding, gpus: readonly Gpu[]): boolean {
  if (holding.backend === "cpu") return true;
  return gpus.some((gpu) => gpu.hasUnifiedMemory && isOn(holding, gpu));
}

function isOn(holding: MemoryHolding, gpu: Gpu): boolean {
  return holding.backend === gpu.backend && holding.device === gpu.index;
}

function missingBytes({ requiredBytes, heldBytes }: MemoryHolding): number {
  return Math.max(0, requiredBytes - heldBytes);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
