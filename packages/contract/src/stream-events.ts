import { z } from "zod";
import { ErrorBody } from "./error-envelope.ts";
import { Narration } from "./narration.ts";
import { HiveWorker, QueenWorker } from "./workers.ts";
import { ModelOnWire } from "./models.ts";

/** What ends every finite stream, after its one terminal event. */
export const streamEnd = "[DONE]";

export const AcceptedEvent = z.object({
  type: z.literal("accepted"),
  task_id: z.string(),
  model: z.string(),
  /** Null while the queen has not chosen a node yet. */
  node: z.string().nullable(),
});
export type AcceptedEvent = z.infer<typeof AcceptedEvent>;

const where = { node: z.string().optional(), worker_id: z.string().optional() };

export const progressStages = {
  downloading: z.object({
    type: z.literal("progress"),
    stage: z.literal("downloading"),
    bytes_downloaded: z.int(),
    bytes_total: z.int(),
    speed_mbps: z.number(),
    eta_seconds: z.number().nullable(),
    ...where,
  }),
  /** Files on their way from the control node to a node. */
  sending: z.object({
    type: z.literal("progress"),
    stage: z.literal("sending"),
    bytes_sent: z.int(),
    bytes_total: z.int(),
    speed_mbps: z.number(),
    eta_seconds: z.number().nullable(),
    ...where,
  }),
  retrying: z.object({
    type: z.literal("progress"),
    stage: z.literal("retrying"),
    attempt: z.int(),
    of: z.int(),
    delay_ms: z.int(),
    reason: z.string(),
    ...where,
  }),
  verifying: z.object({ type: z.literal("progress"), stage: z.literal("verifying"), ...where }),
  complete: z.object({
    type: z.literal("progress"),
    stage: z.literal("complete"),
    local_path: z.string(),
    ...where,
  }),
  loadingToVram: z.object({
    type: z.literal("progress"),
    stage: z.literal("loading_to_vram"),
    layers_loaded: z.int(),
    layers_total: z.int(),
    /** Megabytes in memory so far; the name is historical, it is plain memory on a CPU worker. */
    vram_mb: z.number(),
    ...where,
  }),
  ready: z.object({ type: z.literal("progress"), stage: z.literal("ready"), ...where }),
} as const;

export const ProgressEvent = z.discriminatedUnion("stage", [
  progressStages.downloading,
  progressStages.sending,
  progressStages.retrying,
  progressStages.verifying,
  progressStages.complete,
  progressStages.loadingToVram,
  progressStages.ready,
]);
export type ProgressEvent = z.infer<typeof ProgressEvent>;

export const StartedEvent = z.object({
  type: z.literal("started"),
  request_id: z.string(),
  prompt_tokens: z.int(),
  cached_tokens: z.int(),
});
export type StartedEvent = z.infer<typeof StartedEvent>;

/** The probability of a token, and of those that were the likeliest in its place. */
export const TokenLogprobOnWire = z.object({
  /** The token's own text, also where the event's text is held back for a later one. */
  token: z.string(),
  logprob: z.number(),
  top: z.array(z.object({ token: z.string(), logprob: z.number() })),
});

/**
 * One generated token. `index` counts from 0 without gaps, so the last index + 1 is the total. The
 * text is empty for a token that was held back (a character that was not whole yet, what might have
 * become a stop sequence); the last of those tokens brings the text of all of them.
 */
export const TokenEvent = z.object({
  type: z.literal("token"),
  token: z.string(),
  index: z.int(),
  logprob: TokenLogprobOnWire.optional(),
});
export type TokenEvent = z.infer<typeof TokenEvent>;

/**
 * A piece of a function call that the model makes. The first piece of each `index` has `id` and
 * `name`; the `arguments` of all its pieces, joined, are the JSON text. The tokens that it is made
 * of come as token events too, with an empty text, so that every token is counted once.
 */
export const ToolCallEvent = z.object({
  type: z.literal("tool-call"),
  /** Counts the calls of one answer from 0. */
  index: z.int(),
  id: z.string().optional(),
  name: z.string().optional(),
  arguments: z.string(),
});
export type ToolCallEvent = z.infer<typeof ToolCallEvent>;

export const MetricsEvent = z.object({
  type: z.literal("metrics"),
  tokens_per_sec: z.number(),
  tokens: z.int(),
});
export type MetricsEvent = z.infer<typeof MetricsEvent>;

export const StopReasonOnWire = z.enum(["MAX_TOKENS", "EOS", "STOP_SEQUENCE", "CANCELLED"]);

export const InferenceDone = z.object({
  type: z.literal("done"),
  done: z.literal(true),
  total_tokens: z.int(),
  duration_ms: z.number(),
  stop_reason: StopReasonOnWire,
  prompt_tokens: z.int(),
  time_to_first_token_ms: z.number().nullable(),
  tokens_per_sec: z.number(),
});
export type InferenceDone = z.infer<typeof InferenceDone>;

export const ErrorEvent = z.object({ type: z.literal("error"), error: ErrorBody });
export type ErrorEvent = z.infer<typeof ErrorEvent>;

/** Everything that a `/v2/tasks` stream may carry; the worker's own stream is a part of it. */
export const TaskEvent = z.union([
  AcceptedEvent,
  Narration,
  ProgressEvent,
  StartedEvent,
  TokenEvent,
  ToolCallEvent,
  MetricsEvent,
  InferenceDone,
  ErrorEvent,
]);
export type TaskEvent = z.infer<typeof TaskEvent>;

/** A worker being made, at the hive: narration, progress, then the worker or an error. */
export const HiveSpawnDone = z.object({
  type: z.literal("done"),
  done: z.literal(true),
  worker: HiveWorker,
});
export const HiveSpawnEvent = z.union([Narration, ProgressEvent, HiveSpawnDone, ErrorEvent]);
export type HiveSpawnEvent = z.infer<typeof HiveSpawnEvent>;

/** The same as the queen tells it. */
export const QueenSpawnDone = z.object({
  type: z.literal("done"),
  done: z.literal(true),
  worker: QueenWorker,
});
export const QueenSpawnEvent = z.union([Narration, ProgressEvent, QueenSpawnDone, ErrorEvent]);
export type QueenSpawnEvent = z.infer<typeof QueenSpawnEvent>;

/** The end of a stream that did something without a result of its own (stop, restart, install). */
export const OperationDone = z.object({
  type: z.literal("done"),
  done: z.literal(true),
  message: z.string(),
});
export const OperationEvent = z.union([Narration, ProgressEvent, OperationDone, ErrorEvent]);
export type OperationEvent = z.infer<typeof OperationEvent>;

/** The end of an installation on a node. */
export const InstallDone = OperationDone.extend({
  node_name: z.string(),
  version: z.string(),
  install_path: z.string(),
  /** This version was in use there already. */
  is_unchanged: z.boolean(),
});
export const InstallEvent = z.union([Narration, ProgressEvent, InstallDone, ErrorEvent]);
export type InstallEvent = z.infer<typeof InstallEvent>;

/** The end of a pull: the model as the catalogue has it now. */
export const PullDone = z.object({
  type: z.literal("done"),
  done: z.literal(true),
  model: ModelOnWire,
  already_present: z.boolean(),
});
export const PullEvent = z.union([Narration, ProgressEvent, PullDone, ErrorEvent]);
export type PullEvent = z.infer<typeof PullEvent>;

export const VerifyResult = z.object({
  type: z.literal("result"),
  id: z.string(),
  reference: z.string(),
  ok: z.boolean(),
  problem: z.string().nullable(),
});
export const VerifyDone = z.object({
  type: z.literal("done"),
  done: z.literal(true),
  checked: z.int(),
  bad: z.int(),
});
export const VerifyEvent = z.union([Narration, VerifyResult, VerifyDone, ErrorEvent]);
export type VerifyEvent = z.infer<typeof VerifyEvent>;

/** One line of a log. Followed logs have no terminal event; others end with `done`. */
export const LogLine = z.object({
  type: z.literal("log"),
  /** `queen.log`, `hive.log` or `worker-<id>.log`. */
  source: z.string(),
  node: z.string().optional(),
  line: z.string(),
});
export const LogDone = z.object({ type: z.literal("done"), done: z.literal(true), lines: z.int() });
export const LogEvent = z.union([LogLine, LogDone, ErrorEvent]);
export type LogEvent = z.infer<typeof LogEvent>;
