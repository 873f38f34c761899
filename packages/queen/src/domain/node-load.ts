import type { WorkerFacts } from "./placement-facts.ts";

/** What the workers of a node come to, so that a decision need not look at each of them. */
export interface NodeLoad {
  /** When the one was used last that nobody used for longest; Infinity where there is none. */
  readonly leastUsedMs: number;
  /** Since when the one is ready that is ready for longest; Infinity where none is. */
  readonly eldestReadyMs: number;
  /** The same of those that run nothing. */
  readonly idleLeastUsedMs: number;
  readonly idleEldestReadyMs: number;
  /** All that they hold, of whatever memory. */
  readonly heldBytes: number;
}

/** Workers that come up, or leave already, count only for what they hold. */
export function measureLoad(workers: Iterable<WorkerFacts>): NodeLoad {
  let leastUsedMs = Infinity;
  let eldestReadyMs = Infinity;
  let idleLeastUsedMs = Infinity;
  let idleEldestReadyMs = Infinity;
  let heldBytes = 0;
  for (const { readySinceMs, lastUsedMs, isLeaving, running, memoryBytes } of workers) {
    heldBytes += memoryBytes;
    if (readySinceMs === null || isLeaving) continue;
    leastUsedMs = Math.min(leastUsedMs, lastUsedMs);
    eldestReadyMs = Math.min(eldestReadyMs, readySinceMs);
    if (running > 0) continue;
    idleLeastUsedMs = Math.min(idleLeastUsedMs, lastUsedMs);
    idleEldestReadyMs = Math.min(idleEldestReadyMs, readySinceMs);
  }
  return { leastUsedMs, eldestReadyMs, idleLeastUsedMs, idleEldestReadyMs, heldBytes };
}
