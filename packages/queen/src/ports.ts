import type {
  DevicesOnWire,
  EmbeddingsRequest,
  EmbeddingsResult,
  HiveHealth,
  LogEvent,
  Narration,
  ProgressEvent,
  RerankRequest,
  RerankResult,
} from "@rbee/contract";
import type { NarrationInput } from "@rbee/daemon";
import type { Fetch, HiveClient } from "@rbee/sdk";
import type { ViewWorker, WorkerKey } from "./domain/worker-view.ts";

/** What travels with a request over every hop. Deadlines are passed on, never extended. */
export interface Hop {
  readonly correlationId: string;
  readonly traceparent: string | undefined;
  readonly deadline: Date | undefined;
  readonly signal: AbortSignal;
}

/** Something that whoever waits should see: our own line, or an event from further down. */
export type StoryEvent =
  | { readonly type: "tell"; readonly line: NarrationInput }
  | { readonly type: "relay"; readonly event: Narration | ProgressEvent }
  | { readonly type: "hive-starting"; readonly node: string };
export type Story = (event: StoryEvent) => void;

export interface Errand {
  readonly hop: Hop;
  readonly story: Story;
}

/**
 * How a node is reached and how the hive on it comes and goes. The built-in node is one
 * implementation, a machine behind SSH another.
 */
export interface NodeAccess {
  readonly name: string;
  /** True for this machine. */
  readonly isLocal: boolean;
  readonly hive: { readonly host: string; readonly port: number; readonly url: string };
  /** Makes `hive` say the true address. Asks the person's SSH configuration, not the network. */
  readonly resolve: () => Promise<void>;
  /** A hive answered there at least once, so silence is that hive's and no closed port's. */
  readonly hasAnswered: () => boolean;
  /** How HTTP gets to the hive: straight there, or through the node's SSH connection. */
  readonly fetch: Fetch;
  /** What the node calls a worker's address, as it is called from here. */
  readonly workerUrl: (url: string, signal: AbortSignal) => Promise<string>;
  /** The same after a look whether the worker answers there; if not, through SSH. */
  readonly reachWorker: (url: string, signal: AbortSignal) => Promise<string>;
  /** The key of the hive there, now. Throws INSECURE_SECRET. */
  readonly hiveKey: () => string | undefined;
  /** The file on this machine that holds it. */
  readonly keyFile: string;
  /**
   * Starts the hive and returns when it listens. Throws HIVE_NOT_INSTALLED, HIVE_START_FAILED or
   * what keeps SSH out; the signal ends the wait, not the hive.
   */
  readonly startHive: (story: Story, signal: AbortSignal) => Promise<void>;
  readonly isHiveAlive: (pid: number, signal: AbortSignal) => Promise<boolean>;
  /** The process of a hive that answers nobody, as it wrote it down itself. */
  readonly findHivePid: (signal: AbortSignal) => Promise<number | undefined>;
  /** The last resort for a hive that does not stop when asked; never anything but that process. */
  readonly signalHive: (
    pid: number,
    name: "SIGTERM" | "SIGKILL",
    signal: AbortSignal,
  ) => Promise<void>;
  /** The hive is heard. */
  readonly noteHeard: (devices: DevicesOnWire) => void;
  /** It is not heard, and why; a machine that refuses a connection is there all the same. */
  readonly noteLost: (reason: string, isThere: boolean) => void;
  /** The node's logs without its hive. Throws WORKER_NOT_FOUND when there is no such log. */
  readonly readLogs: (query: LogRequest, signal: AbortSignal) => AsyncIterable<LogEvent>;
}

export interface LogRequest {
  readonly worker?: string | undefined;
  readonly lines: number;
  readonly follow: boolean;
}

/** The queen's own log. */
export interface QueenLogs {
  readonly read: (query: LogRequest, signal: AbortSignal) => AsyncIterable<LogEvent>;
}

export interface Nodes {
  /** Throws NODE_NOT_FOUND. Without a name: this machine. */
  readonly require: (name?: string) => NodeAccess;
  readonly list: () => readonly NodeAccess[];
  /** Their names; the same array until the nodes change, since every decision asks for it. */
  readonly names: () => readonly string[];
}

/** A worker's end as its hive told it. */
export interface WorkerEnd {
  readonly reason: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface SpawnRequest {
  readonly model: string;
  readonly backend?: string | undefined;
  readonly device?: number | undefined;
  readonly slots?: number | undefined;
  readonly context?: number | undefined;
  /** Its model is pinned: not stopped for being idle. */
  readonly keep?: boolean | undefined;
}

export interface WorkerAddress {
  readonly url: string;
  readonly apiKey: string;
}

/**
 * The hives, all calls translated: whatever goes wrong on the way arrives as an `RbeeError`
 * (NODE_UNREACHABLE, INVALID_API_KEY with the host, or the hive's own).
 */
export interface Hives {
  /**
   * Makes sure that the hive of a node runs, is one of ours and is heard. Requests that come
   * meanwhile share one attempt. Throws HIVE_NOT_INSTALLED, HIVE_START_FAILED, CONNECTION_TIMEOUT,
   * PORT_IN_USE, INVALID_RESPONSE, VERSION_MISMATCH, HIVE_TAKEN, or what keeps SSH out.
   */
  readonly ensure: (node: NodeAccess, errand: Errand) => Promise<HiveHealth>;
  /** The same because a person wants just that: a hive that is silent is looked for over SSH. */
  readonly start: (node: NodeAccess, errand: Errand) => Promise<HiveHealth>;
  /** Listens to a hive if one runs, without starting any; settles when that is known. */
  readonly refresh: (node: NodeAccess) => Promise<void>;
  /** One look; undefined when nothing answers there. */
  readonly findHealth: (node: NodeAccess) => Promise<HiveHealth | undefined>;
  readonly client: (node: NodeAccess, hop: Hop) => HiveClient;
  /** Equal requests for one node share one spawn; each hears its whole story. */
  readonly spawn: (node: NodeAccess, request: SpawnRequest, errand: Errand) => Promise<ViewWorker>;
  readonly workerAddress: (worker: WorkerKey, hop: Hop) => Promise<WorkerAddress>;
  /** The address was wrong or the key refused: it is asked for again next time. */
  readonly forgetAddress: (worker: WorkerKey) => void;
  /** Waits a moment for the hive to say how a worker ended, unless the hive is lost too. */
  readonly findWorkerEnd: (worker: WorkerKey) => Promise<WorkerEnd | "hive-lost" | undefined>;
  /** Stops a hive however it must be; `signal` cuts the patience short. */
  readonly stop: (node: NodeAccess, story: Story, signal?: AbortSignal) => Promise<HiveStop>;
  /** True when this queen started the hive that runs there. */
  readonly isOwned: (node: NodeAccess) => Promise<boolean>;
  /** The node is registered no more, or leads elsewhere: nothing is listened to or kept. */
  readonly forget: (name: string) => void;
}

export type HiveStop = "not-running" | "graceful" | "forced";

export interface InferenceOrder {
  readonly address: WorkerAddress;
  readonly taskId: string;
  /** The JSON of the request as the worker gets it. */
  readonly body: object;
  readonly hop: Hop;
}

/** Work of a worker that has one JSON answer instead of a stream of tokens. */
export type Computation =
  | { readonly operation: "embed"; readonly body: EmbeddingsRequest }
  | { readonly operation: "rerank"; readonly body: RerankRequest };

export type ComputationResult = EmbeddingsResult | RerankResult;

/** What a task that asked for a computation sends before it ends. */
export interface ComputedEvent {
  readonly type: "computed";
  readonly result: object;
}

export interface ComputationOrder {
  readonly address: WorkerAddress;
  readonly computation: Computation;
  readonly hop: Hop;
}

export interface RelayTarget {
  /** How many tokens the prompt has, once the worker tells. */
  readonly notePromptTokens: (count: number) => void;
  /** Whole frames, unchanged; the promise is the reader's backpressure. */
  readonly sendFrames: (frames: Uint8Array) => Promise<void> | undefined;
  readonly countTokens: (count: number) => void;
  /** So long without a token is the end, even when keep-alives come. */
  readonly tokenStallMs: number;
  readonly signal: AbortSignal;
}

/** How the worker's stream came to its end. */
export type RelayEnd =
  | { readonly kind: "ended"; readonly errorCode: string | null }
  /** Over without a terminal event. */
  | { readonly kind: "broken" }
  /** The worker lives but makes no token any more. */
  | { readonly kind: "stalled" }
  /** Nothing came for too long, not even a keep-alive. */
  | { readonly kind: "silent" };

export interface OpenInference {
  /** Carries the stream to its end. Throws the reason of the target's signal. */
  readonly relay: (target: RelayTarget) => Promise<RelayEnd>;
  readonly close: () => void;
}

export interface Inference {
  /**
   * Asks the worker. Settles with its first answer: a stream, or the thrown `RbeeError` that it
   * refused with (ALL_SLOTS_BUSY, CONTEXT_EXCEEDED, ...). Throws `WorkerSilence` when nothing of
   * ours answers.
   */
  readonly open: (order: InferenceOrder) => Promise<OpenInference>;
  /** The worker's answer. Refusals and silence are thrown as by `open`. */
  readonly compute: (order: ComputationOrder) => Promise<ComputationResult>;
  /** Tells the worker to stop; failures are of no interest, the worker notices by itself. */
  readonly cancel: (address: WorkerAddress, taskId: string) => Promise<void>;
}

/** No worker answers at that address: nothing listens there, or what does says nothing in time. */
export class WorkerSilence extends Error {
  override readonly name = "WorkerSilence";
  readonly kind: "refused" | "silent";

  constructor(kind: "refused" | "silent", options: { readonly cause: unknown }) {
    super(`no worker answers there: ${kind}`, options);
    this.kind = kind;
  }
}
