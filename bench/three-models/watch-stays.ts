import { setTimeout as delay } from "node:timers/promises";
import type { QueenClient } from "@rbee/sdk";

const sampledEveryMs = 250;

/** How long workers that went away had been ready, as far as sampling tells. */
export function watchStays(queen: QueenClient, signal: AbortSignal) {
  const readyAtMs = new Map<string, number>();
  const staysMs: number[] = [];
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const watch = async () => {
    while (!either.aborted) {
      const { workers } = await queen.call("listWorkers");
      const nowMs = performance.now();
      const there = new Set(workers.map((worker) => worker.worker_id));
      for (const { worker_id: id, state } of workers) {
        const isReady = state === "idle" || state === "busy";
        if (isReady && !readyAtMs.has(id)) readyAtMs.set(id, nowMs);
      }
      for (const [id, sinceMs] of readyAtMs) {
        if (there.has(id)) continue;
        readyAtMs.delete(id);
        staysMs.push(nowMs - sinceMs);
      }
      await delay(sampledEveryMs);
    }
  };
  const watching = watch();
  watching.catch(() => {});
  return {
    async stop(): Promise<readonly number[]> {
      over.abort();
      await watching;
      return staysMs;
    },
  };
}
