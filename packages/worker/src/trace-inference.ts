import type { Tracer } from "@rbee/telemetry";
import type { GenerationFigures, InferenceMeter } from "./ports.ts";

// Outcomes that are no errors: why a generation that went well came to its end.
const goodOutcomes: ReadonlySet<string> = new Set([
  "MAX_TOKENS",
  "EOS",
  "STOP_SEQUENCE",
  "CANCELLED",
  "EMBEDDED",
  "RERANKED",
]);

/**
 * The same meter, which also makes spans: one for a request, one each for reading its prompt and
 * for decoding. They are made when it has ended, from its figures, so that tokens cost nothing.
 */
export function traceInference(
  tracer: Tracer,
  meter: InferenceMeter,
  workerId: string,
): InferenceMeter {
  if (!tracer.isOn) return meter;
  return {
    ...meter,
    noteEnd(figures) {
      meter.noteEnd(figures);
      trace(tracer, figures, workerId);
    },
  };
}

function trace(tracer: Tracer, figures: GenerationFigures, workerId: string): void {
  const { outcome, promptTokens, cachedTokens, tokens, firstTokenSeconds } = figures;
  const endedAtMs = Date.now();
  const startedAtMs = endedAtMs - figures.totalSeconds * 1000;
  const request = tracer.startSpan("inference", {
    kind: "server",
    parent: figures.traceparent,
    atUnixMs: startedAtMs,
    attributes: {
      "rbee.worker_id": workerId,
      "gen_ai.usage.input_tokens": promptTokens,
      "gen_ai.usage.output_tokens": tokens,
      "rbee.cached_tokens": cachedTokens,
      outcome,
    },
  });
  const readAtMs = startedAtMs + (firstTokenSeconds ?? figures.totalSeconds) * 1000;
  request
    .child("prompt", {
      atUnixMs: startedAtMs,
      attributes: { "gen_ai.usage.input_tokens": promptTokens, "rbee.cached_tokens": cachedTokens },
    })
    .end({ atUnixMs: readAtMs });
  if (firstTokenSeconds !== undefined) {
    const { decodeSeconds } = figures;
    request
      .child("decode", {
        atUnixMs: readAtMs,
        attributes: {
          "gen_ai.usage.output_tokens": tokens,
          "rbee.tokens_per_second": decodeSeconds > 0 ? (tokens - 1) / decodeSeconds : undefined,
        },
      })
      .end({ atUnixMs: readAtMs + decodeSeconds * 1000 });
  }
  const errorCode = goodOutcomes.has(outcome) ? undefined : outcome;
  request.end({ errorCode, atUnixMs: endedAtMs });
}
