import { silentTracer } from "./silent-tracer.ts";
import type { Tracer } from "./tracer.ts";

export interface TracerOptions {
  /** The name of the service. */
  readonly program: string;
  readonly version: string;
  /** Of an OTLP/HTTP collector, without `/v1/traces`; undefined: nothing is collected or sent. */
  readonly endpoint: string | undefined;
  /** How many of the traces that begin here are kept, from 0 to 1. */
  readonly sampleRatio: number;
  /** How long one attempt to send may take. */
  readonly exportTimeoutMs: number;
}

/** The libraries are read only by who wants traces: they would cost every start and some memory. */
export async function openTracer({ endpoint, ...options }: TracerOptions): Promise<Tracer> {
  if (endpoint === undefined) return silentTracer;
  const { createOtlpTracer } = await import("./create-otlp-tracer.ts");
  return createOtlpTracer({ ...options, endpoint });
}
