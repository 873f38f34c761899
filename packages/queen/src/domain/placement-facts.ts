import type { ErrorCode, ErrorDetails, WorkerState } from "@rbee/contract";
import type { NodeLoad } from "./node-load.ts";
import type { NodeOrders } from "./node-orders.ts";
import type { PromptPrefix } from "./prompt-prefix.ts";

/** A worker as a decision sees it. Moments are by the clock of `PlacementFacts.nowMs`. */
export interface WorkerFacts {
  readonly id: string;
  readonly node: string;
  readonly state: WorkerState;
  readonly model: string;
  readonly backend: string;
  readonly device: number;
  readonly context: number;
  readonly slotsTotal: number;
  readonly slotsFree: number;
  /** Requests (see `placementKey`) that this worker was made for. */
  readonly madeFor: ReadonlySet<string>;
  /** 0 to 1: how much of its free room counts. One that fails all the time comes last. */
  readonly weight: number;
  /** The memory that it takes its share of: "ram", or a GPU such as "cuda:0". */
  readonly pool: string;
  /** What its node has again when it is gone. */
  readonly memoryBytes: number;
  /** Requests that it runs or is reserved for. */
  readonly running: number;
  /** Null while it comes up. */
  readonly readySinceMs: number | null;
  readonly lastUsedMs: number;
  /** It is being stopped to make room, so it gets nothing new. */
  readonly isLeaving: boolean;
}

export interface NodeFacts {
  readonly name: string;
  /** A small number that no other node has, for what is kept of each node. */
  readonly ordinal: number;
  /** This machine, whose hive is started without a network. */
  readonly isLocal: boolean;
  readonly status: "unknown" | "reachable" | "unreachable";
  /** Its hive is being stopped: nothing new goes there. */
  readonly isDraining: boolean;
  /** Null while nobody knows. */
  readonly backends: readonly string[] | null;
  readonly memoryFreeBytes: number;
  /** Requests that its workers run. */
  readonly running: number;
  /** References of the models on its disk. */
  readonly models: ReadonlySet<string>;
  readonly workers: Iterable<WorkerFacts>;
  readonly load: NodeLoad;
  /** What is being done there for tasks right now. */
  readonly makings: ReadonlySet<Making>;
}

/** A worker that comes up on a node, from the decision to its readiness. */
export interface Making {
  readonly taskId: string;
  /** See `placementKey`. */
  readonly key: string;
  /** Others are stopped for it, so nobody else may count on their room. */
  readonly isEvicting: boolean;
}

/** Memory of a node that a worker could be put into, as its hive judged it for one request. */
export interface MemoryPlace {
  readonly pool: string;
  readonly availableMb: number;
  /** What is missing there; 0 or less when it fits. */
  readonly shortMb: number;
}

/** What a hive said a moment ago of a request. */
export type NodeEstimate =
  | { readonly verdict: "fits" }
  | {
      readonly verdict: "short";
      readonly refusal: Refusal;
      readonly places: readonly MemoryPlace[];
    }
  | { readonly verdict: "refused"; readonly refusal: Refusal };

/** A node as far as it takes to find what its hive said. */
export type EstimatedNode = Pick<NodeFacts, "name" | "ordinal">;

/** What the hives said of requests with one key. */
export interface KeyEstimates {
  /** At how many nodes such a request cannot be taken now. */
  readonly shutCount: number;
  /** Undefined: its hive was not asked, or too long ago. */
  of(node: EstimatedNode): NodeEstimate | undefined;
  /** So many bytes have to be freed there at least; Infinity where that would not help. */
  shortBytes(node: EstimatedNode): number;
  /** So many MB are missing there by its refusal; Infinity where it has no such reason. */
  lackMb(node: EstimatedNode): number;
}

/** Our own, or what a hive said that it would refuse with. */
export type Refusal = {
  [Code in ErrorCode]: { readonly code: Code; readonly details: ErrorDetails<Code> };
}[ErrorCode];

/** A worker that has seen the beginning of a prompt. */
export interface PrefixMatch {
  readonly worker: WorkerFacts;
  readonly characters: number;
}

/**
 * All that a decision may look at. Made so that no decision looks at everything: workers are found
 * by their model, the ones with room first.
 */
export interface PlacementFacts {
  readonly nowMs: number;
  readonly nodes: readonly NodeFacts[];
  /** The same, see `node-orders.ts`. */
  readonly ordered: NodeOrders;
  readonly findNode: (name: string) => NodeFacts | undefined;
  /** Workers with this model, or made for a request of it, in whatever state. */
  readonly workersOf: (model: string) => Iterable<WorkerFacts>;
  /** Those of them with a free slot, the most room first. */
  readonly freeWorkersOf: (model: string) => Iterable<WorkerFacts>;
  /** Those that saw the most of a prompt, the longest match first. */
  readonly prefixMatches: (model: string, prefix: PromptPrefix) => Iterable<PrefixMatch>;
  /** How many nodes have this model on their disk. */
  readonly holdersOf: (model: string) => number;
  /** What the hive of each node said of requests with this key, unless that is too old. */
  readonly estimatesOf: (key: string) => KeyEstimates;
  readonly isPinned: (model: string) => boolean;
  readonly limits: EvictionLimits;
}

export interface EvictionLimits {
  /** A worker that is ready for less than this is left alone. */
  readonly residencyMs: number;
  /** A task that waits longer than this may have a busy worker drained. */
  readonly patienceMs: number;
  /** When a task that waits for room looks again at the latest. */
  readonly lookAgainMs: number;
}
