import { RbeeError } from "@rbee/contract";
import type { workerRoutes } from "@rbee/contract";
import type { Call, Handler } from "@rbee/daemon";
import type { Engine } from "../engine.ts";
import type { InferenceMeter, RequestDesk } from "../ports.ts";
import { requestFailure } from "./request-failure.ts";

interface EmbedPorts {
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

type EmbedCall = Call<typeof workerRoutes.embed>;

/** Embeds one text after the other. It holds a slot, because it computes like any other request. */
export function embedTexts(ports: EmbedPorts): Handler<typeof workerRoutes.embed> {
  return async (call) => {
    const ticket = ports.desk.open(ports.createId());
    const startedAtMs = performance.now();
    const signal = AbortSignal.any([call.signal, ticket.signal]);
    let promptTokens = 0;
    let outcome = "EMBEDDED";
    try {
      const result = await embedAll(call, ticket.model.engine, signal);
      promptTokens = result.prompt_tokens;
      return result;
    } catch (cause) {
      const error = requestFailure(signal.aborted ? signal.reason : cause, "input");
      outcome = RbeeError.is(error) ? error.code : "INTERNAL_ERROR";
      throw error;
    } finally {
      ticket.release();
      ticket.close();
      ports.meter.noteEnd({
        ...withoutTokens,
        outcome,
        promptTokens,
        totalSeconds: (performance.now() - startedAtMs) / 1000,
        traceparent: call.traceparent,
      });
    }
  };
}

async function embedAll({ body }: EmbedCall, engine: Engine, signal: AbortSignal) {
  const texts = typeof body.input === "string" ? [body.input] : body.input;
  const embeddings: number[][] = [];
  let promptTokens = 0;
  for (const text of texts) {
    const prompt = await engine.preparePrompt({ text });
    if (!prompt.fits) {
      throw new RbeeError("CONTEXT_EXCEEDED", {
        prompt_tokens: prompt.tokensAtLeast,
        max_tokens: null,
        context: engine.facts.contextSize,
      });
    }
    const vector = await engine.embed(prompt.tokens, signal);
    embeddings.push([...vector]);
    promptTokens += prompt.tokens.length;
  }
  return { embeddings, prompt_tokens: promptTokens };
}
