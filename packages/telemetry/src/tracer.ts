/**
 * Figures and names of things, never what people wrote: no prompts, no answers, no keys. Undefined
 * ones are left out.
 */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A stretch of time in which something was done for a request. */
export interface Span {
  /** The W3C trace context that makes what others do a part of this span. */
  readonly traceparent: string | undefined;
  readonly set: (attributes: SpanAttributes) => void;
  readonly child: (name: string, start?: SpanStart) => Span;
  /** Only the first call counts. */
  readonly end: (end?: SpanEnd) => void;
}

export interface SpanStart {
  readonly attributes?: SpanAttributes | undefined;
  /** Unix time; now by default. */
  readonly atUnixMs?: number | undefined;
}

export interface SpanEnd {
  /** The code of what went wrong. */
  readonly errorCode?: string | undefined;
  readonly atUnixMs?: number | undefined;
}

export interface RootStart extends SpanStart {
  /** Which side of a connection this program is, when another program asked or is asked. */
  readonly kind?: "server" | "client" | undefined;
  /** W3C trace context of whoever asked; without it a new trace begins. */
  readonly parent?: string | undefined;
}

/** Makes the spans of one program. */
export interface Tracer {
  /** False when nothing is collected: what is costly to find out need not be. */
  readonly isOn: boolean;
  readonly startSpan: (name: string, start?: RootStart) => Span;
  /** Sends what is left, and gives up soon: nobody waits for a collector that is not there. */
  readonly close: () => Promise<void>;
}
