import type { BackendName, ErrorDetails } from "@rbee/contract";
import type { CatalogueModel } from "./catalogue-model.ts";
import type { MeasuredMemory } from "./measured-memory.ts";
import type { NodeDevices } from "./node-devices.ts";

/** Memory of a worker of ours, loaded or still loading. */
export interface MemoryHolding {
  readonly workerId: string;
  /** The size of its model: mapped, so the system counts it as memory that it could give back. */
  readonly weightBytes: number;
  readonly backend: BackendName;
  readonly device: number;
  /** What the preflight promised it. */
  readonly requiredBytes: number;
  /** What it reports to hold by now; 0 while it starts. */
  readonly heldBytes: number;
  /**
   * True until the model is loaded: what is promised and not yet held is missing from no figure of
   * the machine, so it has to be taken off the free memory here, or two spawns book it twice.
   */
  readonly isLoading: boolean;
}

/** Memory that a worker could be put into, and what the model needs there with the fewest slots. */
export interface FitPlace {
  readonly backend: BackendName;
  readonly device: number;
  /** "ram" for the processor and unified memory, else the GPU, such as "cuda:0". */
  readonly pool: string;
  readonly requiredMb: number;
  /** A worker ran like that here before, so its need is known and not only calculated. */
  readonly isMeasured: boolean;
  readonly availableMb: number;
}

export interface FitFacts {
  readonly node: string;
  /** Read right before the spawn. */
  readonly devices: NodeDevices;
  readonly model: CatalogueModel;
  /** Workers that live; also what `ram.limitBytes` is counted against. */
  readonly holdings: readonly MemoryHolding[];
  /** What workers of this model took on this node; absent: none ran yet. */
  readonly measured?: readonly MeasuredMemory[];
  /** What the installed worker program can use; absent: whatever the machine has. */
  readonly programBackends?: readonly BackendName[];
  /** From the configuration, used where the request says nothing. */
  readonly defaults: { readonly backend?: BackendName; readonly slots?: number };
}

/** What somebody asks for, as it came: `backend` may be any text. */
export interface FitRequest {
  readonly backend?: string | undefined;
  readonly device?: number | undefined;
  readonly slots?: number | undefined;
  readonly context?: number | undefined;
}

type Refusal<Code extends FitRefusalCode> = {
  readonly fits: false;
  readonly code: Code;
  readonly details: ErrorDetails<Code>;
};
type FitRefusalCode =
  | "INVALID_BACKEND"
  | "BACKEND_UNAVAILABLE"
  | "DEVICE_NOT_AVAILABLE"
  | "INSUFFICIENT_RAM"
  | "VRAM_EXHAUSTED";

export type FitRefusal =
  | Refusal<"INVALID_BACKEND">
  | Refusal<"BACKEND_UNAVAILABLE">
  | Refusal<"DEVICE_NOT_AVAILABLE">
  | Refusal<"INSUFFICIENT_RAM">
  | Refusal<"VRAM_EXHAUSTED">;

/** Where and how large a worker of a model is started. Memory is in MB of 1,048,576 bytes. */
export interface Placement {
  readonly fits: true;
  readonly backend: BackendName;
  readonly device: number;
  readonly slots: number;
  /** Tokens per slot. */
  readonly context: number;
  readonly requiredMb: number;
  readonly availableMb: number;
}

export type Fit = Placement | FitRefusal;
