import { RbeeError, sizes, timings } from "@rbee/contract";
import { callHive } from "./gateway/call-hive.ts";
import { program } from "./create-worker-parts.ts";
import type { WorkerParts } from "./create-worker-parts.ts";
import { listCapabilities } from "./domain/list-capabilities.ts";
import { loadModel } from "./model/load-model.ts";
import type { LoadedModel } from "./ports.ts";

export type LoadOutcome = "loaded" | "failed" | "stopped";

/** What a worker does from its first breath to its last, in this order. */
export interface WorkerLife {
  /** HTTP is up at this address. */
  readonly noteListening: (url: string) => void;
  /** Tells the hive that HTTP is up; throws INVALID_RESPONSE when it does not want this worker. */
  readonly callBack: (callbackUrl: string) => Promise<void>;
  /** Loads the model; a failure is told to somebody, or nobody asks for a while. */
  readonly load: () => Promise<LoadOutcome>;
  /** Waits for running requests, ends what is left of them, and frees the model. */
  readonly stop: (drainMs: number, impatience: AbortSignal) => Promise<void>;
}

export function createWorkerLife(parts: WorkerParts): WorkerLife {
  const leaving = new AbortController();
  let loading: Promise<LoadOutcome> = Promise.resolve("stopped");
  return {
    noteListening: (url) => noteListening(parts, url),
    callBack: async (url) => await callBack(parts, url, leaving.signal),
    load() {
      loading = load(parts, leaving.signal);
      return loading;
    },
    async stop(drainMs, impatience) {
      leaving.abort(shuttingDown());
      await endRequests(parts, drainMs, impatience);
      await loading;
      await parts.holder.model?.engine.close();
      parts.board.apply("stopped");
    },
  };
}

function shuttingDown(): RbeeError {
  return new RbeeError("SHUTTING_DOWN", { program });
}

function noteListening({ board, narrate, holder }: WorkerParts, url: string): void {
  holder.url = url;
  const port = Number(new URL(url).port);
  board.apply("listening");
  narrate({
    actor: "http-server",
    action: "http-up",
    human: `Listening on port ${port}`,
    cute: `🌐 Listening on port ${port}`,
    port,
  });
}

async function callBack(parts: WorkerParts, url: string, signal: AbortSignal): Promise<void> {
  const { options, board, holder } = parts;
  await callHive({
    url,
    key: options.currentKey(),
    body: {
      worker_id: options.workerId,
      url: holder.url,
      model_ref: options.plan.modelReference,
      backend: options.backend,
      device: options.plan.device,
      state: board.current().state,
    },
    delaysMs: timings.workerCallbackDelaysMs,
    timeoutMs: timings.workerCallbackTimeoutMs,
    signal,
  });
}

async function load(parts: WorkerParts, signal: AbortSignal): Promise<LoadOutcome> {
  const { options, board, feed, holder, meter } = parts;
  const startedAt = performance.now();
  narrateLoading(parts);
  try {
    const model = await loadModel({
      plan: options.plan,
      engine: options.engine,
      onProgress: feed.noteProgress,
      onStep: (tokens, stepMs) => meter.noteStep(tokens, stepMs / 1000),
      signal,
    });
    holder.model = model;
    const { slotsTotal, facts } = model.engine;
    const capabilities = listCapabilities(facts);
    board.noteLoaded({ slotsTotal, contextSize: facts.contextSize, capabilities });
    const durationMs = performance.now() - startedAt;
    meter.noteLoaded(durationMs / 1000);
    narrateLoaded(parts, model, durationMs);
    feed.noteReady();
    return signal.aborted ? "stopped" : "loaded";
  } catch (error) {
    if (signal.aborted) {
      feed.noteFailure(shuttingDown());
      return "stopped";
    }
    await noteFailure(parts, error);
    return "failed";
  }
}

function narrateLoading({ options, narrate }: WorkerParts): void {
  const { plan } = options;
  const device = plan.backend === "cpu" ? "cpu" : `${plan.backend}:${plan.device}`;
  narrate({
    actor: "device-manager",
    action: "device",
    human: `Computing on ${device}`,
    cute: `🖥️ Computing on ${device}`,
    backend: plan.backend,
    device,
  });
  narrate({
    actor: "model-loader",
    action: "loading",
    human: `Loading ${plan.modelReference}`,
    cute: `📦 Loading ${plan.modelReference}`,
    model_ref: plan.modelReference,
  });
}

function narrateLoaded(parts: WorkerParts, { engine }: LoadedModel, durationMs: number): void {
  const modelReference = parts.options.plan.modelReference;
  const sizeMb = Math.round(engine.memoryBytes / sizes.bytesPerMb);
  const seconds = (durationMs / 1000).toFixed(2);
  const text = `Loaded ${modelReference}: ${sizeMb} MB in ${seconds} s`;
  parts.narrate({
    actor: "model-loader",
    action: "loaded",
    human: text,
    cute: `✅ ${text}`,
    model_ref: modelReference,
    size_mb: sizeMb,
    duration_ms: Math.round(durationMs),
  });
}

// The hive asks a moment after the callback; a failure that came sooner must still be there then.
async function noteFailure(parts: WorkerParts, cause: unknown): Promise<void> {
  const { board, feed, narrate, options } = parts;
  const error = RbeeError.is(cause) ? cause : new RbeeError("INTERNAL_ERROR", {}, { cause });
  options.logger.error({ error: cause, code: error.code }, "the model cannot be loaded");
  board.apply("failed");
  narrate({
    actor: "engine",
    action: "load-failed",
    human: `The model cannot be loaded: ${error.code}`,
    cute: `💥 The model cannot be loaded: ${error.code}`,
    level: "error",
    model_ref: options.plan.modelReference,
  });
  feed.noteFailure(error);
  const patience = AbortSignal.timeout(timings.workerFailureLingerMs);
  const quiet = new Promise((resolve) => patience.addEventListener("abort", resolve));
  await Promise.race([feed.failureTold, quiet]);
}

async function endRequests(
  { board, desk }: WorkerParts,
  drainMs: number,
  impatience: AbortSignal,
): Promise<void> {
  board.apply("drain");
  await desk.waitUntilEmpty(AbortSignal.any([AbortSignal.timeout(drainMs), impatience]));
  desk.abortAll(shuttingDown());
  await desk.waitUntilEmpty(AbortSignal.timeout(timings.cancelTimeoutMs));
}
