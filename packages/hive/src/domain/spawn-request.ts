import type { ModelReference } from "@rbee/contract";

/** What somebody wants to have in memory; what is absent the preflight chooses. */
export interface SpawnRequest {
  readonly reference: ModelReference;
  readonly backend?: string | undefined;
  readonly device?: number | undefined;
  readonly slots?: number | undefined;
  readonly context?: number | undefined;
  /** Not stopped for being idle. */
  readonly keep?: boolean | undefined;
}

/** Requests with the same key want the same worker: while one of them runs, others join it. */
export function spawnKey(request: SpawnRequest): string {
  const { reference, backend, device, slots, context } = request;
  return JSON.stringify([reference.text, backend, device, slots, context]);
}

/** Of the request for a worker; nobody asks for a restart. */
export interface SpawnAsking {
  readonly correlationId?: string | undefined;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
}
