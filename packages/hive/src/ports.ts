import type {
  ModelReference,
  Narration,
  ProgressEvent,
  RbeeError,
  WorkerState,
} from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { ProcessEnd } from "./domain/advance-worker.ts";
import type { CatalogueModel } from "./domain/catalogue-model.ts";
import type { MeasuredMemory } from "./domain/measured-memory.ts";
import type { NodeDevices } from "./domain/node-devices.ts";
import type { SpawnAsking, SpawnRequest } from "./domain/spawn-request.ts";
import type { GoneReason, WorkerRecord } from "./domain/worker-record.ts";
import type {
  FitAnswer,
  FitQuestion,
  Measurement,
  ModelSurvey,
  SurveyOptions,
} from "./placement-ports.ts";

// What the hive asks of the world. Implemented in device/, model/, store/, process/ and gateway/,
// wired in create-hive.ts. Deciding whether a model fits is pure: `fitModel(facts, request): Fit`
// in domain/fit-model.ts with the types of domain/fit.ts.
//
// device/, model/ and store/ are put together in create-model-room.ts, for create-hive.ts.

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

/** A row of models.db: a model, and how its file was when its header was read. */
export interface StoredModel extends CatalogueModel {
  readonly modifiedAtMs: number;
}

/** store/: the rows of models.db. All of it throws when the database fails. */
export interface ModelStore {
  /** By id, or by reference; of several variants of a reference the one used last. */
  find(idOrReference: string): StoredModel | undefined;
  list(): readonly StoredModel[];
  /** Adds a row, or replaces the one with this id. */
  put(model: StoredModel): void;
  /** Counts one use at this time. Unknown ids are ignored. */
  markUsed(id: string, unixSeconds: number): void;
  remove(id: string): void;
  /** What workers of a model took; nothing of a file that had another size. */
  listMeasured(model: Pick<CatalogueModel, "id" | "sizeBytes">): readonly MeasuredMemory[];
  /** Enters it, or what is new of it: the most bytes, one load or use more. */
  noteMeasured(measurement: Measurement): void;
  /** Calls back after rows were put or removed; returns what ends that. */
  watch(onChange: () => void): () => void;
  close(): void;
}

/** model/: the models on this machine. Throws when the store fails; never an empty list then. */
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
  /** What workers of a model took on this node before. */
  listMeasured(model: CatalogueModel): readonly MeasuredMemory[];
  /** A worker of a model was measured. */
  noteMeasured(measurement: Measurement): void;
  /** Calls back whenever models came or went by our own doing; returns what ends that. */
  watch(onChange: () => void): () => void;
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
   */
  needsDownload(reference: ModelReference): Promise<boolean>;
  /** The model, from the catalogue or fetched and put there. Throws MODEL_NOT_FOUND,
   * INVALID_MODEL_FILE, MODEL_ACCESS_DENIED, DOWNLOAD_*, INSUFFICIENT_DISK, ... */
  provision(reference: ModelReference, options: ProvisionOptions): Promise<CatalogueModel>;
  /**
   * What can be known of a model without downloading it. A file of this machine is entered in the
   * catalogue. Throws MODEL_NOT_FOUND, INVALID_MODEL_FILE, and INSUFFICIENT_DISK when it would have
   * to be downloaded and there is no room for it.
   */
  survey(reference: ModelReference, options: SurveyOptions): Promise<ModelSurvey>;
  /** POST /v1/models/download: begins or joins. A local file is registered before this answers. */
  startDownload(reference: ModelReference): Promise<DownloadStart>;
  /**
   * The events of a download: first its current state, then what happens, then `done`; throws what
   * it failed with. Ended downloads are remembered for some minutes. Throws MODEL_NOT_FOUND for an
   * unknown id.
   */
  watchDownload(downloadId: string, signal: AbortSignal): AsyncIterable<DownloadEvent>;
}

export type DownloadEvent =
  | Narration
  | ProgressEvent
  | { readonly type: "done"; readonly model: CatalogueModel };

export type DownloadStart =
  | { readonly downloadId: "cached"; readonly model: CatalogueModel }
  | { readonly downloadId: string; readonly model?: undefined };

/** Where a worker answers, and with which key. */
export interface WorkerAddress {
  readonly url: string;
  readonly key: string;
}

export type LoadingEvent =
  | ProgressEvent
  /** The worker says why the model does not load. */
  | { readonly type: "error"; readonly error: RbeeError };

/** gateway/: what the hive asks of a worker over HTTP. All of it throws when there is no answer. */
export interface WorkerGateway {
  /** Bytes of memory that the worker holds. */
  checkHealth(address: WorkerAddress, timeoutMs: number): Promise<number>;
  /** From the current state to `ready` or `error`. */
  watchLoading(address: WorkerAddress, signal: AbortSignal): AsyncIterable<LoadingEvent>;
  /** Its `/metrics`, as text. */
  readMetrics(address: WorkerAddress, timeoutMs: number): Promise<string>;
  /** Settles when the worker has said that it will stop. */
  shutdown(address: WorkerAddress, limits: ShutdownLimits): Promise<void>;
}

export interface ShutdownLimits {
  /** How long running requests may go on. */
  readonly drainMs: number;
  readonly acknowledgeMs: number;
}

export type SpawnEvent =
  | Narration
  | ProgressEvent
  | { readonly type: "done"; readonly worker: WorkerRecord }
  | { readonly type: "error"; readonly error: unknown };

export interface SpawnAnswer {
  readonly workerId: string;
  /** Null until its process answers. */
  readonly url: string | null;
  readonly state: WorkerState;
}

export type LiveEvent =
  | { readonly type: "worker"; readonly worker: WorkerRecord }
  | ({
      readonly type: "worker-gone";
      readonly workerId: string;
      readonly reason: GoneReason;
    } & ProcessEnd)
  /** This hive was told to stop. */
  | { readonly type: "stopping" }
  | Narration;

/** process/: the workers of this node. */
export interface WorkerPool {
  /**
   * Starts a worker, or joins an equal request that runs. Settles when the worker's HTTP answers,
   * or at once when its model has to be downloaded first. Throws the codes of `spawnWorker`.
   */
  spawn(request: SpawnRequest, asking?: SpawnAsking): Promise<SpawnAnswer>;
  /** How a worker comes up, from the beginning; known for some minutes. Throws WORKER_NOT_FOUND. */
  watchSpawn(workerId: string, signal: AbortSignal): AsyncIterable<SpawnEvent>;
  /** Throws WORKER_NOT_FOUND, or INVALID_REQUEST for an address that is not the worker's. */
  acceptCallback(callback: WorkerCallback): void;
  list(): readonly WorkerRecord[];
  /** Throws WORKER_NOT_FOUND, or WORKER_NOT_READY before the worker answers. */
  access(workerId: string): WorkerAddress;
  /** Settles when the worker is gone. Throws WORKER_NOT_FOUND. */
  stop(workerId: string): Promise<void>;
  /** How the preflight of a request would end now. Never throws for what it would refuse. */
  estimate(question: FitQuestion, signal: AbortSignal): Promise<FitAnswer>;
  /** The keys of living workers, with which they call back. */
  workerKeys(): readonly string[];
  subscribe(): LiveSubscription;
}

export interface WorkerCallback {
  readonly workerId: string;
  readonly url: string;
  readonly state: WorkerState;
}

export interface LiveSubscription {
  readonly read: (signal: AbortSignal) => AsyncIterable<LiveEvent>;
  readonly close: () => void;
}

/** process/: the log files of the hive and its workers. */
export interface LogReader {
  /** Throws WORKER_NOT_FOUND when a worker is named that never wrote a log. */
  open(request: LogRequest, signal: AbortSignal): Promise<AsyncIterable<LogEntry>>;
}

export interface LogRequest {
  readonly worker?: string | undefined;
  readonly lines: number;
  readonly follow: boolean;
}

export interface LogEntry {
  /** The name of the file. */
  readonly source: string;
  readonly line: string;
}

/** process/: how long a hive goes on without the queen that started it. */
export interface QueenLease {
  /** A queen listens on `/v1/events`; call what this returns when she no longer does. */
  openStream(): () => void;
  /** She says that she hears what comes on it. */
  renew(): void;
  /** Undefined for the hive of an operator, which waits for nobody. */
  read(): LeaseState | undefined;
}

export interface LeaseState {
  /** A queen listens. */
  readonly isHeld: boolean;
  /** Until this hive stops without her; null while she listens. */
  readonly leftMs: number | null;
}
