import type { BackendName } from "@rbee/contract";

/** One GPU of this machine. `index` is the number behind `--device` within its backend. */
export interface Gpu {
  readonly index: number;
  readonly backend: BackendName;
  readonly name: string;
  readonly memoryTotalBytes: number;
  readonly memoryFreeBytes: number;
  /** The GPU uses plain memory (Apple). */
  readonly hasUnifiedMemory: boolean;
  readonly temperatureC?: number;
  readonly utilizationPercent?: number;
}

/** What this machine has, with the memory that is free at the moment of reading. */
export interface NodeDevices {
  readonly platform: string;
  readonly architecture: string;
  readonly cpu: { readonly model: string; readonly cores: number };
  readonly ram: {
    readonly totalBytes: number;
    readonly availableBytes: number;
    /** What rbee may use of it in all, when a limit is configured. */
    readonly limitBytes?: number;
  };
  readonly disk: {
    readonly path: string;
    readonly totalBytes: number;
    readonly availableBytes: number;
  };
  readonly gpus: readonly Gpu[];
  /** Backends that a worker can use here; `cpu` is always among them. */
  readonly backends: readonly BackendName[];
  /** Vendors' tools that are there and fail, in their own words. */
  readonly toolProblems?: readonly { readonly tool: string; readonly problem: string }[];
}
