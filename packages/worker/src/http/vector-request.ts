import { RbeeError } from "@rbee/contract";
import type { workerRoutes } from "@rbee/contract";
import type { Call } from "@rbee/daemon";
import type { Engine } from "../engine.ts";
import type { InferenceMeter, RequestDesk } from "../ports.ts";
import { requestFailure } from "./request-failure.ts";

export interface VectorPorts {
  readonly desk: Pick<RequestDesk, "open">;
  readonly meter: InferenceMeter;
  readonly createId: () => string;
}

const withoutTokens = {
  cachedTokens: 0,
  tokens: 0,
  decodeSeconds: 0,
  firstTokenSeconds: undefined,
} as const;

interface VectorRequest<Result> {
  readonly call: Pick<Call<typeof workerRoutes.embed>, "signal" | "traceparent">;
  /** What a request that goes well is counted as. */
  readonly outcome: string;
  /** The part of the request that the engine is given. */
  readonly field: string;
  readonly compute: (engine: Engine, signal: AbortSignal) => Promise<Result>;
}

/**
 * Computes something that is not text. It holds a slot, because it computes like any other request,
 * and gives it back when it is over, whichever way.
 */
export async function answerVectors<Result extends { readonly prompt_tokens: number }>(
  { desk, meter, createId }: VectorPorts,
  request: VectorRequest<Result>,
): Promise<Result> {
  const ticket = desk.open(createId());
  const startedAtMs = performance.now();
  const signal = AbortSignal.any([request.call.signal, ticket.signal]);
  let { outcome } = request;
  let promptTokens = 0;
  try {
    const result = await request.compute(ticket.model.engine, signal);
    promptTokens = result.prompt_tokens;
    return result;
  } catch (cause) {
    const error = requestFailure(signal.aborted ? signal.reason : cause, request.field);
    outcome = RbeeError.is(error) ? error.code : "INTERNAL_ERROR";
    throw error;
  } finally {
    ticket.release();
    ticket.close();
    meter.noteEnd({
      ...withoutTokens,
      outcome,
      promptTokens,
      totalSeconds: (performance.now() - startedAtMs) / 1000,
      traceparent: request.call.traceparent,
    });
  }
}

/** The tokens of a plain text; throws CONTEXT_EXCEEDED when they are too many. */
export async function readTokens(engine: Engine, text: string): Promise<readonly number[]> {
  const prompt = await engine.preparePrompt({ text });
  if (prompt.fits) return prompt.tokens;
  throw contextExceeded(engine, prompt.tokensAtLeast);
}

/** Throws CONTEXT_EXCEEDED when so many tokens are more than the model reads. */
export function requireFit(engine: Engine, promptTokens: number): void {
  if (promptTokens > engine.facts.contextSize) throw contextExceeded(engine, promptTokens);
}

function contextExceeded(engine: Engine, promptTokens: number): RbeeError {
  const context = engine.facts.contextSize;
  return new RbeeError("CONTEXT_EXCEEDED", {
    prompt_tokens: promptTokens,
    max_tokens: null,
    context,
  });
}
