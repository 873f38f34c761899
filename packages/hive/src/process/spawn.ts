import { RbeeError } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { Span } from "@rbee/telemetry";
import type { SpawnRequest } from "../domain/spawn-request.ts";
import type { SpawnEvent } from "../ports.ts";
import type { Story } from "./create-story.ts";
import type { LiveWorker } from "./worker-registry.ts";

/** One worker on its way into memory, with everybody who waits for it. */
export interface Spawn {
  readonly workerId: string;
  /** Covers the whole way into memory. */
  readonly trace: Span;
  readonly request: SpawnRequest;
  readonly restartCount: number;
  /** Of the request that began it. */
  readonly correlationId: string | undefined;
  readonly story: Story<SpawnEvent>;
  readonly narrate: Narrate;
  /** Aborting it, with the error as reason, ends the attempt at whatever stage it is. */
  readonly control: AbortController;
  /** Settles when the request can be answered; rejects when it failed before that. */
  readonly answerable: PromiseWithResolvers<void>;
  /** Set by the preflight. */
  live: LiveWorker | undefined;
}

/** What `promise` gives, unless the attempt is ended first. */
export async function unlessEnded<Result>(spawn: Spawn, promise: Promise<Result>): Promise<Result> {
  const { signal } = spawn.control;
  signal.throwIfAborted();
  const ended = Promise.withResolvers<never>();
  const abort = () => ended.reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, ended.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** One stage of the way, as a span of its own. */
export async function inStage<Result>(
  { trace }: Pick<Spawn, "trace">,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const span = trace.child(name);
  try {
    const result = await work();
    span.end();
    return result;
  } catch (error) {
    span.end({ errorCode: codeOf(error) });
    throw error;
  }
}

export function codeOf(error: unknown): string {
  return RbeeError.is(error) ? error.code : "INTERNAL_ERROR";
}

interface StartFailure {
  readonly node: string;
  readonly live: LiveWorker;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly waitedMs: number;
}

export function startupFailed(failure: StartFailure): RbeeError {
  const { node, live, exitCode, signal, waitedMs } = failure;
  return new RbeeError("WORKER_STARTUP_FAILED", {
    node,
    worker_id: live.id,
    exit_code: exitCode,
    signal,
    waited_ms: Math.round(waitedMs),
    last_lines: [...(live.process?.lastLines() ?? [])],
    log_file: live.logPath,
  });
}
