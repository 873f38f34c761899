import { sizes, timings } from "@rbee/contract";
import type { WorkerKey } from "../domain/worker-view.ts";
import type { WorkerEnd } from "../ports.ts";

/** How workers ended, as their hives told it, for whoever had a stream from them. */
export function createWorkerEnds() {
  const known = new Map<string, WorkerEnd>();
  const waiting = new Map<string, Set<(end: WorkerEnd | undefined) => void>>();
  const keyOf = ({ node, id }: WorkerKey) => `${node}/${id}`;
  return {
    add(worker: WorkerKey, end: WorkerEnd): void {
      const key = keyOf(worker);
      known.set(key, end);
      const oldest = known.keys().next().value;
      if (known.size > sizes.recentTasksMax && oldest !== undefined) known.delete(oldest);
      for (const tell of waiting.get(key) ?? []) tell(end);
      waiting.delete(key);
    },
    has: (worker: WorkerKey): boolean => known.has(keyOf(worker)),
    /** The stream breaks a moment before the hive tells why: waits that moment. */
    async find(worker: WorkerKey): Promise<WorkerEnd | undefined> {
      const key = keyOf(worker);
      const end = known.get(key);
      if (end !== undefined) return end;
      return await new Promise((resolve) => {
        const tellers = waiting.get(key) ?? new Set();
        waiting.set(key, tellers);
        const limit = setTimeout(() => tell(undefined), timings.workerGoneNoticeMs);
        const tell = (found: WorkerEnd | undefined) => {
          clearTimeout(limit);
          tellers.delete(tell);
          resolve(found);
        };
        tellers.add(tell);
      });
    },
  };
}
