import type { ModelReference, ProgressEvent, PullEvent } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { CatalogueModel } from "./domain/catalogue-model.ts";
import type { NodeDevices } from "./domain/node-devices.ts";

// What the hive asks of the world. Implemented in device/, model/, store/, process/ and gateway/,
// wired in create-hive.ts. Deciding whether a model fits is pure: `fitModel(facts, request): Fit`
// in domain/fit-model.ts with the types of domain/fit.ts.

/** device/: what the machine has. */
export interface DeviceProbe {
  /**
   * Everything, from the vendors' tools. May take a second; may be remembered except for memory,
   * disk, temperature and load. Never throws because a vendor's tool is missing or broken.
   */
  detect(signal: AbortSignal): Promise<NodeDevices>;
  /** The same with only the memory figures read anew: called right before each spawn. */
  readMemory(signal: AbortSignal): Promise<NodeDevices>;
}

/** store/: the models on this machine. Throws when the store fails; never an empty list then. */
export interface ModelCatalogue {
  /** By id or by reference text. A row whose file is gone is a miss. */
  find(idOrReference: string): Promise<CatalogueModel | undefined>;
  list(): Promise<readonly CatalogueModel[]>;
  /** Counts one use at this time. Unknown ids are ignored. */
  markUsed(id: string, unixSeconds: number): Promise<void>;
  /** Forgets the model; a downloaded file is deleted. Throws MODEL_NOT_FOUND. */
  remove(idOrReference: string): Promise<ModelRemoval>;
  /** Reads files again and compares; all of them without a reference. Throws MODEL_NOT_FOUND. */
  verify(idOrReference: string | undefined, signal: AbortSignal): AsyncIterable<ModelCheck>;
}

export interface ModelRemoval {
  readonly id: string;
  readonly freedBytes: number;
  /** The file is a person's own or bundled and was left alone. */
  readonly isFileKept: boolean;
}

export interface ModelCheck {
  readonly id: string;
  readonly reference: string;
  /** Null when the file is what the catalogue says. */
  readonly problem: string | null;
}

export interface ProvisionOptions {
  /** Speaks for the request; use actor `model-provisioner`. */
  readonly narrate: Narrate;
  /** Stages downloading, retrying, verifying, complete; the first call tells the current state. */
  readonly onProgress: (progress: ProgressEvent) => void;
  /** Ends this caller's wait. The download itself goes on while anybody else waits for it. */
  readonly signal: AbortSignal;
}

/**
 * model/: brings a model to this machine. One download per model at a time, shared by all who ask,
 * here and by `startDownload`.
 */
export interface ModelProvisioner {
  /**
   * True when bytes must come over the network before the model can be used, so that a spawn is
   * answered at once; false for what is in the catalogue, bundled, or a file of this machine.
   * Throws MODEL_PROVIDER_UNAVAILABLE for a known form that no provider serves.
   */
  needsDownload(reference: ModelReference): Promise<boolean>;
  /** The model, from the catalogue or fetched and put there. Throws MODEL_NOT_FOUND,
   * INVALID_MODEL_FILE, MODEL_PROVIDER_UNAVAILABLE, DOWNLOAD_*, INSUFFICIENT_DISK, ... */
  provision(reference: ModelReference, options: ProvisionOptions): Promise<CatalogueModel>;
  /** POST /v1/models/download: begins or joins. A local file is registered before this answers. */
  startDownload(reference: ModelReference): Promise<DownloadStart>;
  /**
   * The events of a download: first its current state, then what happens, then `done` or `error`.
   * Ended downloads are remembered for some minutes. Throws MODEL_NOT_FOUND for an unknown id.
   */
  watchDownload(downloadId: string, signal: AbortSignal): AsyncIterable<PullEvent>;
}

export type DownloadStart =
  | { readonly downloadId: "cached"; readonly model: CatalogueModel }
  | { readonly downloadId: string; readonly model?: undefined };
