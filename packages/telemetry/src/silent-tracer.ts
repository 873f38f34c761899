import type { Span, Tracer } from "./tracer.ts";

/** Makes no spans, and hands on the context of others as it came. */
export const silentTracer: Tracer = {
  isOn: false,
  startSpan: (_name, { parent } = {}) => silentSpan(parent),
  close: async () => {},
};

function silentSpan(traceparent: string | undefined): Span {
  const span: Span = { traceparent, set() {}, child: () => span, end() {} };
  return span;
}
