// What the tests of the fit share: a model and a machine, with changes.
import { sizes } from "@rbee/contract";
import type { CatalogueModel } from "./catalogue-model.ts";
import type { FitFacts, MemoryHolding } from "./fit.ts";
import type { Gpu, NodeDevices } from "./node-devices.ts";

export const megabyte = sizes.bytesPerMb;

export function buildModel(changes: Partial<CatalogueModel> = {}): CatalogueModel {
  return {
    id: "model",
    provider: "file",
    reference: "file:/models/model.gguf",
    variant: null,
    digest: null,
    localPath: "/models/model.gguf",
    sizeBytes: 100 * megabyte,
    architecture: "llama",
    quantization: "Q4_K_M",
    parameters: 1_000_000,
    contextLength: 8192,
    vocabularySize: 32_000,
    eosTokenId: 2,
    hasChatTemplate: true,
    shape: null,
    downloadedAtUnix: 1,
    lastUsedUnix: null,
    useCount: 0,
    ...changes,
  };
}

export function buildGpu(changes: Partial<Gpu> = {}): Gpu {
  return {
    index: 0,
    backend: "cuda",
    name: "GPU",
    memoryTotalBytes: 24_000 * megabyte,
    memoryFreeBytes: 24_000 * megabyte,
    hasUnifiedMemory: false,
    ...changes,
  };
}

interface MachineInput {
  readonly ramMb: number;
  readonly totalMb?: number;
  readonly limitMb?: number;
  readonly gpus?: readonly Gpu[];
}

export function buildDevices({ ramMb, totalMb, limitMb, gpus = [] }: MachineInput): NodeDevices {
  return {
    platform: "linux",
    architecture: "x64",
    cpu: { model: "CPU", cores: 8 },
    ram: {
      totalBytes: (totalMb ?? 1_000_000) * megabyte,
      availableBytes: ramMb * megabyte,
      ...(limitMb === undefined ? {} : { limitBytes: limitMb * megabyte }),
    },
    disk: { path: "/models", totalBytes: 1, availableBytes: 1 },
    gpus,
    backends: [...new Set(["cpu" as const, ...gpus.map(({ backend }) => backend)])],
  };
}

export function buildFacts(changes: Partial<FitFacts> = {}): FitFacts {
  return {
    node: "mac",
    devices: buildDevices({ ramMb: 8000 }),
    model: buildModel(),
    holdings: [],
    defaults: {},
    ...changes,
  };
}

export function buildHolding(changes: Partial<MemoryHolding> = {}): MemoryHolding {
  return {
    workerId: "worker-1",
    weightBytes: 0,
    backend: "cpu",
    device: 0,
    requiredBytes: 1000 * megabyte,
    heldBytes: 0,
    isLoading: false,
    ...changes,
  };
}
