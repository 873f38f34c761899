import { RbeeError, timings } from "@rbee/contract";
import { startDeadline } from "@rbee/daemon";
import type { SseWriter } from "@rbee/daemon";
import { TransportError } from "@rbee/sdk";
import type { WorkerFacts } from "../domain/placement-facts.ts";
import { WorkerSilence } from "../ports.ts";
import type {
  Computation,
  ComputedEvent,
  Hives,
  Hop,
  Inference,
  OpenInference,
  WorkerAddress,
} from "../ports.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { TaskOrder } from "./run-task.ts";
import type { TaskRecord } from "./task-registry.ts";

export interface AskOptions {
  readonly hives: Pick<Hives, "workerAddress" | "forgetAddress" | "findWorkerEnd">;
  readonly inference: Inference;
  readonly dispatcher: Dispatcher;
  /** In all, from the moment the worker gets the task; a cold start before does not count. */
  readonly inferenceTimeoutMs: number;
  /** The worker's own limit for a token; the queen waits a little longer, then ends it herself. */
  readonly tokenStallMs: number;
  readonly onStream: (change: 1 | -1) => void;
}

export interface Asking {
  readonly order: TaskOrder;
  readonly record: TaskRecord;
  /** Reserved for this task. */
  readonly worker: WorkerFacts;
}

/** A worker that took the task. */
export interface WorkerStream {
  /** Carries its stream to the client; the code of the terminal error event, or null. */
  readonly relay: (writer: SseWriter, signal: AbortSignal) => Promise<string | null>;
}

export type WorkerAnswer =
  | { readonly kind: "stream"; readonly stream: WorkerStream }
  /** It takes nothing now; the reservation is given back. */
  | { readonly kind: "busy"; readonly error: RbeeError }
  /** Nothing of ours answers there any more; the reservation is given back. */
  | { readonly kind: "gone" };

export type AskWorker = (asking: Asking) => Promise<WorkerAnswer>;

/** How a task is given to a worker and its tokens are brought back. */
export function createAskWorker(options: AskOptions): AskWorker {
  return async (asking) => {
    const { worker, record } = asking;
    const clock = startInferenceClock(asking.order.hop, options.inferenceTimeoutMs);
    try {
      const { computation } = asking.order;
      if (computation !== undefined) {
        const stream = await compute({ options, asking, clock }, computation);
        return { kind: "stream", stream };
      }
      const { open, address } = await openWithAddress(options, asking, clock.hop);
      record.advance({ type: "inferring", node: worker.node, workerId: worker.id });
      return { kind: "stream", stream: streamOf({ options, asking, clock, open, address }) };
    } catch (error) {
      clock.stop();
      if (RbeeError.is(error, "ALL_SLOTS_BUSY") || RbeeError.is(error, "WORKER_NOT_READY")) {
        options.dispatcher.refused(worker, record.id);
        return { kind: "busy", error };
      }
      const isSilence = error instanceof WorkerSilence;
      if (isSilence && error.kind === "silent") {
        throw await interruption(options, asking, "silent");
      }
      // Its hive may know already that it is no more.
      if (!isSilence && !RbeeError.is(error, "WORKER_NOT_FOUND")) throw error;
      options.hives.forgetAddress(worker);
      options.dispatcher.refused(worker, record.id);
      return { kind: "gone" };
    }
  };
}

interface InferenceClock {
  readonly hop: Hop;
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

// The client's own deadline when it is earlier: passed on, never extended.
function startInferenceClock(hop: Hop, limitMs: number): InferenceClock {
  const latest = new Date(Date.now() + limitMs);
  const deadline = hop.deadline !== undefined && hop.deadline < latest ? hop.deadline : latest;
  const { signal, stop } = startDeadline(deadline);
  return { hop: { ...hop, deadline }, signal, stop };
}

interface Opened {
  readonly open: OpenInference;
  readonly address: WorkerAddress;
}

async function openWithAddress(options: AskOptions, asking: Asking, hop: Hop): Promise<Opened> {
  const { inference } = options;
  const { record, order } = asking;
  const body = inferenceBody(order);
  return await withAddress({ options, asking, hop }, async (address) => ({
    open: await inference.open({ address, taskId: record.id, body, hop }),
    address,
  }));
}

interface Addressing {
  readonly options: AskOptions;
  readonly asking: Asking;
  readonly hop: Hop;
}

// A worker that was started anew has another key and perhaps another port: asked for once more.
async function withAddress<Answer>(
  { options: { hives }, asking: { worker }, hop }: Addressing,
  ask: (address: WorkerAddress) => Promise<Answer>,
): Promise<Answer> {
  const attempt = async () => await ask(await hives.workerAddress(worker, hop));
  try {
    return await attempt();
  } catch (error) {
    const isRefused = error instanceof WorkerSilence && error.kind === "refused";
    if (!isRefused && !RbeeError.is(error, "INVALID_API_KEY")) throw error;
    hives.forgetAddress(worker);
    return await attempt();
  }
}

// What the queen decided on is not for the worker; everything else is the client's own wish.
function inferenceBody({ request, taskId }: TaskOrder): object {
  const { node: _node, model: _model, backend: _backend, ...rest } = request;
  const {
    device: _device,
    context: _context,
    wait: _wait,
    priority: _priority,
    ...generation
  } = rest;
  return { ...generation, job_id: taskId, stream: true };
}

type ComputeInput = Pick<StreamInput, "options" | "asking" | "clock">;

// The whole answer comes at once, so what is left to relay is one event.
async function compute(
  { options, asking, clock }: ComputeInput,
  computation: Computation,
): Promise<WorkerStream> {
  const { record, worker } = asking;
  record.advance({ type: "inferring", node: worker.node, workerId: worker.id });
  const hop = { ...clock.hop, signal: AbortSignal.any([clock.hop.signal, clock.signal]) };
  const { inference } = options;
  const result = await withAddress({ options, asking, hop }, (address) =>
    inference.compute({ address, computation, hop }),
  ).catch(async (error: unknown) => {
    if (!(error instanceof TransportError)) throw error;
    throw await interruption(options, asking, "broken");
  });
  clock.stop();
  record.notePromptTokens(result.prompt_tokens);
  return {
    async relay(writer) {
      const event: ComputedEvent = { type: "computed", result };
      await writer.send(event);
      return null;
    },
  };
}

interface StreamInput extends Opened {
  readonly options: AskOptions;
  readonly asking: Asking;
  readonly clock: InferenceClock;
}

function streamOf({ options, asking, clock, open, address }: StreamInput): WorkerStream {
  const { record } = asking;
  return {
    async relay(writer, clientSignal) {
      const signal = AbortSignal.any([clientSignal, clock.signal]);
      options.onStream(1);
      try {
        const end = await open.relay({
          sendFrames: writer.sendFrames,
          notePromptTokens: record.notePromptTokens,
          countTokens: record.countTokens,
          tokenStallMs: options.tokenStallMs + timings.cancelTimeoutMs,
          signal,
        });
        if (end.kind === "ended") return end.errorCode;
        // It lives and may still hold the slot.
        if (end.kind === "stalled") await options.inference.cancel(address, record.id);
        throw await interruption(options, asking, end.kind);
      } catch (error) {
        // The slot is free again when the worker has heard of it, not before.
        if (signal.aborted) await options.inference.cancel(address, record.id);
        throw error;
      } finally {
        clock.stop();
        options.onStream(-1);
      }
    },
  };
}

async function interruption(
  { hives, tokenStallMs }: AskOptions,
  { order, record, worker }: Asking,
  kind: "broken" | "silent" | "stalled",
): Promise<RbeeError> {
  if (kind === "stalled") {
    const seconds = tokenStallMs / 1000;
    return new RbeeError("GENERATION_TIMEOUT", { seconds, tokens_generated: record.tokens() });
  }
  const details = {
    node: worker.node,
    worker_id: worker.id,
    tokens_generated: record.tokens(),
    max_tokens: order.request.max_tokens ?? null,
  };
  if (kind === "silent") return new RbeeError("CONNECTION_LOST", details);
  const end = await hives.findWorkerEnd(worker);
  if (end === "hive-lost") return new RbeeError("SSE_CLOSED", { ...details, hive_lost: true });
  const { exitCode = null, signal = null } = end ?? {};
  return new RbeeError("SSE_CLOSED", { ...details, exit_code: exitCode, signal });
}
