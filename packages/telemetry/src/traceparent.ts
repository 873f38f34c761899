export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

const pattern = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const nothing = /^0+$/;

/** W3C trace context, level 1; undefined for what is none, which then begins a new trace. */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  const found = text === undefined ? null : pattern.exec(text);
  if (found === null) return undefined;
  const [, traceId = "", spanId = "", flags = ""] = found;
  if (nothing.test(traceId) || nothing.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

export function formatTraceparent({ traceId, spanId, flags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${(flags & 1).toString(16).padStart(2, "0")}`;
}
