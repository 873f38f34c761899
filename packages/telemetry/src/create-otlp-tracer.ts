// The one file that knows OpenTelemetry. It is imported only when an endpoint is configured.

import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type * as api from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { timings } from "@rbee/contract";
import type { TracerOptions } from "./open-tracer.ts";
import { formatTraceparent, parseTraceparent } from "./traceparent.ts";
import type { RootStart, Span, SpanAttributes, SpanStart, Tracer } from "./tracer.ts";

type OtlpOptions = TracerOptions & { readonly endpoint: string };

export function createOtlpTracer(options: OtlpOptions): Tracer {
  const { program, version, endpoint, sampleRatio, exportTimeoutMs } = options;
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, "")}/v1/traces`,
    timeoutMillis: exportTimeoutMs,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": program, "service.version": version }),
    // Whoever began a trace has decided whether it is kept; it is whole or not there.
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        scheduledDelayMillis: timings.telemetryIntervalMs,
        exportTimeoutMillis: exportTimeoutMs,
      }),
    ],
  });
  const tracer = provider.getTracer("rbee", version);
  return {
    isOn: true,
    startSpan: (name, start = {}) => startRoot(tracer, name, start),
    async close() {
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, timings.telemetryFlushMs);
      // What cannot be sent now is lost: traces are a help, not a ledger.
      await Promise.race([provider.shutdown().catch(() => {}), limit.promise]);
      clearTimeout(timer);
    },
  };
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

function startRoot(tracer: api.Tracer, name: string, start: RootStart): Span {
  const parent = parseTraceparent(start.parent);
  const context =
    parent === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
          traceId: parent.traceId,
          spanId: parent.spanId,
          traceFlags: parent.flags,
          isRemote: true,
        });
  const kind = start.kind === undefined ? SpanKind.INTERNAL : kinds[start.kind];
  return startSpan({ tracer, context, kind }, name, start);
}

interface Place {
  readonly tracer: api.Tracer;
  readonly context: api.Context;
  readonly kind: SpanKind;
}

function startSpan({ tracer, context, kind }: Place, name: string, start: SpanStart): Span {
  const { attributes = {}, atUnixMs } = start;
  const options = {
    kind,
    attributes: withoutGaps(attributes),
    ...(atUnixMs === undefined ? {} : { startTime: atUnixMs }),
  };
  const span = tracer.startSpan(name, options, context);
  const { traceId, spanId, traceFlags: flags } = span.spanContext();
  let hasEnded = false;
  return {
    traceparent: formatTraceparent({ traceId, spanId, flags }),
    set: (more) => void span.setAttributes(withoutGaps(more)),
    child(childName, childStart = {}) {
      const below = { tracer, context: trace.setSpan(context, span), kind: SpanKind.INTERNAL };
      return startSpan(below, childName, childStart);
    },
    end({ errorCode, atUnixMs: endedAtUnixMs } = {}) {
      if (hasEnded) return;
      hasEnded = true;
      if (errorCode !== undefined) {
        span.setAttribute("error.type", errorCode);
        span.setStatus({ code: SpanStatusCode.ERROR, message: errorCode });
      }
      span.end(endedAtUnixMs);
    },
  };
}

function withoutGaps(attributes: SpanAttributes): api.Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
