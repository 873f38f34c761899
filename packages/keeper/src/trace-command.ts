import { RbeeError, timings } from "@rbee/contract";
import { openTracer } from "@rbee/telemetry";
import type { Keeper } from "./keeper.ts";

/**
 * With `[telemetry] otlp_endpoint` a command is the first span of its trace; without it nothing is
 * made and nothing sent. The end of the command waits for the collector for a moment at most.
 */
export async function traceCommand<Result>(
  keeper: Pick<Keeper, "command" | "configuration" | "correlationId">,
  run: (traceparent: string | undefined) => Promise<Result>,
): Promise<Result> {
  const { settings, installation } = keeper.configuration();
  const { otlp_endpoint: endpoint, sample_ratio: sampleRatio } = settings.telemetry;
  const tracer = await openTracer({
    program: "rbee-keeper",
    version: installation.version,
    endpoint,
    sampleRatio,
    exportTimeoutMs: timings.telemetryFlushMs,
  });
  const span = tracer.startSpan(keeper.command, {
    kind: "client",
    attributes: { "rbee.correlation_id": keeper.correlationId },
    // Of the process: what it took until here belongs to the command.
    atUnixMs: performance.timeOrigin,
  });
  try {
    const result = await run(span.traceparent);
    span.end();
    return result;
  } catch (error) {
    span.end({ errorCode: codeOf(error) });
    throw error;
  } finally {
    await tracer.close();
  }
}

function codeOf(error: unknown): string {
  if (RbeeError.is(error)) return error.code;
  const { cause } = error as { cause?: unknown };
  return RbeeError.is(cause) ? cause.code : "INTERNAL_ERROR";
}
