import { randomUUID } from "node:crypto";
import { RbeeError } from "@rbee/contract";
import type { InferenceRequest, Narration, workerRoutes } from "@rbee/contract";
import type { Call, Logger, Narrate } from "@rbee/daemon";
import { chooseDeadline } from "../domain/choose-deadline.ts";
import type {
  InferenceMeter,
  NarrateRequest,
  RequestDesk,
  RequestLimits,
  Ticket,
} from "../ports.ts";
import { divideCalls } from "./divide-calls.ts";
import { GenerationFollower } from "./follow-generation.ts";
import type { GenerationListener, GenerationTotals } from "./follow-generation.ts";
import { prepareGeneration } from "./prepare-generation.ts";
import type { PreparedGeneration } from "./prepare-generation.ts";
import { requestFailure } from "./request-failure.ts";

export interface RunPorts {
  readonly desk: Pick<RequestDesk, "open">;
  readonly openLimits: (ticket: Ticket, deadline: Date) => RequestLimits;
  readonly narrate: NarrateRequest;
  readonly meter: InferenceMeter;
  readonly inferenceTimeoutMs: number;
  readonly rateIntervalMs: number;
  readonly logger: Pick<Logger, "error">;
}

type InferCall = Call<typeof workerRoutes.infer>;

/** One generation from its slot to its account: whichever way it ends, it is told and counted. */
export class InferenceRun {
  readonly ticket: Ticket;
  readonly limits: RequestLimits;
  readonly #ports: RunPorts;
  readonly #body: InferenceRequest;
  readonly #narrate: Narrate;
  readonly #startedAtMs = performance.now();
  readonly #traceparent: string | undefined;
  #emit: ((event: Narration) => void) | undefined;
  #follower: GenerationFollower | undefined;

  /** Takes a slot, or throws why there is none. */
  constructor(ports: RunPorts, call: InferCall, requestId: string) {
    this.#ports = ports;
    this.#body = call.body;
    this.#traceparent = call.traceparent;
    this.#narrate = ports.narrate(call.correlationId, (event) => this.#emit?.(event));
    this.ticket = ports.desk.open(requestId);
    this.endWith(call.signal);
    const { timeout_seconds: seconds } = call.body;
    const deadlineMs = chooseDeadline({
      nowMs: Date.now(),
      headerMs: call.deadline?.getTime(),
      timeoutMs: seconds === undefined ? undefined : seconds * 1000,
      defaultTimeoutMs: ports.inferenceTimeoutMs,
    });
    this.limits = ports.openLimits(this.ticket, new Date(deadlineMs));
  }

  /** Ends this request when the signal of its client aborts. */
  endWith(signal: AbortSignal): void {
    const end = () => {
      const { reason } = signal;
      this.ticket.abort(RbeeError.is(reason) ? reason : new RbeeError("REQUEST_CANCELED", {}));
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  }

  /** From now on the narration of this request also goes to its stream. */
  narrateTo(emit: (event: Narration) => void): void {
    this.#emit = emit;
  }

  async prepare(): Promise<PreparedGeneration> {
    try {
      return await prepareGeneration(this.#body, this.ticket);
    } catch (error) {
      this.ticket.release();
      throw error;
    }
  }

  /** Throws what ended the request, unless it ended by itself or was cancelled. */
  async follow(
    { request, reader }: PreparedGeneration,
    listener: GenerationListener,
  ): Promise<GenerationTotals> {
    const { signal, model, release } = this.ticket;
    const events = model.engine.generate(request);
    const follower = new GenerationFollower({
      events: reader === undefined ? events : divideCalls(events, reader, createCallId),
      promptTokens: request.promptTokens.length,
      limits: this.limits,
      onReleased: release,
      startedAtMs: this.#startedAtMs,
      rateIntervalMs: this.#ports.rateIntervalMs,
      listener,
    });
    this.#follower = follower;
    const following = follower.follow().catch((error: unknown) => {
      throw requestFailure(error, grammarField(this.#body));
    });
    const totals = await Promise.race([following, this.limits.overdue]);
    const wasEnded = totals.stopReason === "CANCELLED" && signal.aborted;
    if (wasEnded && !RbeeError.is(signal.reason, "REQUEST_CANCELED")) throw signal.reason;
    return totals;
  }

  noteStarted(): void {
    const tokens = this.#follower?.promptTokens ?? 0;
    this.#narrate({
      action: "inference-start",
      human: `Reading a prompt of ${tokens} tokens`,
      cute: `📖 Reading a prompt of ${tokens} tokens`,
      tokens_in: tokens,
    });
  }

  noteEnd(totals: GenerationTotals): void {
    const { tokens, durationMs, promptTokens, timeToFirstTokenMs } = totals;
    const text = `Generated ${tokens} tokens in ${durationMs} ms (${totals.tokensPerSecond} tokens/s)`;
    this.#narrate({
      action: "inference-end",
      human: text,
      cute: `✅ ${text}`,
      tokens_in: promptTokens,
      tokens_out: tokens,
      duration_ms: durationMs,
    });
    if (timeToFirstTokenMs !== undefined) {
      this.#ports.meter.noteFirstToken(timeToFirstTokenMs / 1000);
    }
    this.#count(totals.stopReason);
  }

  /** Tells and counts the failure that is about to be answered. */
  noteFailure(error: unknown): void {
    const code = RbeeError.is(error) ? error.code : "INTERNAL_ERROR";
    const tokens = this.#follower?.tokens ?? 0;
    this.#narrate({
      action: "inference-failed",
      human: `The request ended after ${tokens} tokens: ${code}`,
      cute: `⚠️ The request ended after ${tokens} tokens: ${code}`,
      level: "warn",
      tokens_out: tokens,
    });
    this.#count(code);
    if (RbeeError.is(error, "INFERENCE_FAILED")) {
      this.#ports.logger.error({ error, cause: error.cause }, "the engine failed");
    }
  }

  /** The request is answered. */
  close(): void {
    this.limits.stop();
    this.ticket.close();
  }

  #count(outcome: string): void {
    this.#ports.meter.noteEnd({
      outcome,
      promptTokens: this.#follower?.promptTokens ?? 0,
      tokens: this.#follower?.tokens ?? 0,
      decodeSeconds: this.#follower?.decodeSeconds ?? 0,
      cachedTokens: this.#follower?.cachedTokens ?? 0,
      firstTokenSeconds: this.#follower?.firstTokenSeconds,
      totalSeconds: (performance.now() - this.#startedAtMs) / 1000,
      traceparent: this.#traceparent,
    });
  }
}

// As OpenAI's ids look like: clients take them for opaque, but some check their beginning.
function createCallId(): string {
  return `call_${randomUUID().replaceAll("-", "").slice(0, 24)}`;
}

// What the engine was given as a grammar.
function grammarField(body: InferenceRequest): string {
  if (body.grammar !== undefined) return "grammar";
  return body.tools === undefined ? "json_schema" : "tools";
}
