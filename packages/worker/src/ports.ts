import type { ModelCapabilities, Narration, RbeeError, WorkerState } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { LoadingState } from "./domain/loading-state.ts";
import type { SamplingWishes } from "./domain/resolve-sampling.ts";
import type { Engine } from "./engine.ts";

/** The model once it is in memory. */
export interface LoadedModel {
  readonly engine: Engine;
  /** The model's own sampling, first what lies beside its file, then what is in it. */
  readonly sampling: readonly SamplingWishes[];
}

/** What the worker is now, for whoever asks. */
export interface WorkerStatus {
  readonly state: WorkerState;
  readonly slotsTotal: number;
  readonly slotsBusy: number;
  /** Free slots; none while the worker takes no requests. */
  readonly slotsAvailable: number;
  readonly memoryBytes: number;
  /** Start or end of the last request; health checks do not count. */
  readonly lastActivity: Date | undefined;
  readonly contextSize: number;
  /** What the model can do; undefined until it is loaded. */
  readonly capabilities: ModelCapabilities | undefined;
}

/** A slot that one request holds, and what can end that request. */
export interface Ticket {
  readonly requestId: string;
  readonly model: LoadedModel;
  /** Aborts with the error that ended the request. */
  readonly signal: AbortSignal;
  /** Ends the request; the first reason stays. */
  readonly abort: (reason: RbeeError) => void;
  /** Gives the slot back, once the engine has let go of it; harmless when it is free already. */
  readonly release: () => void;
  /** The request is answered; its slot is another matter: an engine that hangs keeps it. */
  readonly close: () => void;
}

/** Where requests get their slots. */
export interface RequestDesk {
  /**
   * Takes a slot at once or throws: WORKER_NOT_READY, ALL_SLOTS_BUSY, or INVALID_REQUEST for an id
   * that another running request has.
   */
  readonly open: (requestId: string) => Ticket;
  /** Ends the request with that id; nothing happens when there is none. */
  readonly cancel: (requestId: string) => void;
}

/** How loading goes, for any number of readers. */
export interface LoadingFeed {
  readonly current: () => LoadingState;
  /** Settles at the next change; rejects with the reason of the signal. */
  readonly waitForChange: (signal: AbortSignal) => Promise<void>;
  /** A reader has been told that loading failed. */
  readonly noteFailureTold: () => void;
}

/** Counts for `/metrics`. */
export interface InferenceMeter {
  readonly noteFirstToken: (seconds: number) => void;
  readonly noteEnd: (figures: GenerationFigures) => void;
  /** No slot was given: the code of the refusal. */
  readonly noteRefusal: (code: string) => void;
  /** The engine computed so many tokens at once, for all slots together. */
  readonly noteStep: (tokens: number, seconds: number) => void;
  readonly noteLoaded: (seconds: number) => void;
}

export interface GenerationFigures {
  /** A stop reason, or the code of an error. */
  readonly outcome: string;
  readonly promptTokens: number;
  /** Of these, what did not have to be read again. */
  readonly cachedTokens: number;
  readonly tokens: number;
  readonly decodeSeconds: number;
  /** From the request to its first token; undefined when there was none. */
  readonly firstTokenSeconds: number | undefined;
  readonly totalSeconds: number;
  /** W3C trace context of the request. */
  readonly traceparent: string | undefined;
}

/** Makes a narrator for one request; `emit` is its stream, when it has one. */
export type NarrateRequest = (correlationId: string, emit?: (event: Narration) => void) => Narrate;

/** What bounds one request in time. */
export interface RequestLimits {
  /** Tokens came: the clock of the stall begins anew. */
  readonly noteTokens: (count: number) => void;
  /** Waits for a slow reader, but no longer than the request may live. */
  readonly waitUnlessAborted: (wait: Promise<void>) => Promise<void>;
  /**
   * Rejects with the reason of the request's end when the engine has not let go of it in time: an
   * answer must not wait for an engine that hangs.
   */
  readonly overdue: Promise<never>;
  /** Stops every clock. */
  readonly stop: () => void;
}
