import type { CDPSession } from "playwright-core";

/** What a page of a browser holds. */
export interface PageMemory {
  readonly heapBytes: number;
  readonly nodes: number;
  readonly listeners: number;
}

/** Read after a collection. The session must have `Performance` enabled. */
export async function readPageMemory(session: CDPSession): Promise<PageMemory> {
  // What the first finds unused is let go by the second.
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const read = (name: string) =>
    metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return {
    heapBytes: read("JSHeapUsedSize"),
    nodes: read("Nodes"),
    listeners: read("JSEventListeners"),
  };
}
