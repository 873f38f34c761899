import { advanceWeight, isOnProbation, weightAt } from "./worker-weight.ts";
import type { WorkerOutcome, WorkerWeight } from "./worker-weight.ts";

// From here on a worker is as good as one that never failed.
const mendedWeight = 0.999;

/**
 * What the queen herself knows of workers, by their key: which task holds a slot, who refused, how
 * far each is trusted, which requests it was made for, who stops it. A hive's figures arrive later
 * than the queen's next decision, so a slot counts as taken by reservation.
 */
export function createSlotLedger() {
  const reservations = createReservations();
  const refusedUntilMs = new Map<string, number>();
  const requests = new Map<string, Set<string>>();
  const weights = new Map<string, WorkerWeight>();
  const claims = new Map<string, string>();
  const weightOf = (key: string, nowMs: number) => weightAt(weights.get(key), nowMs);
  const forget = (key: string) => {
    refusedUntilMs.delete(key);
    requests.delete(key);
    weights.delete(key);
    claims.delete(key);
  };
  return {
    free(key: string, slotsTotal: number, nowMs: number): number {
      if ((refusedUntilMs.get(key) ?? Number.NEGATIVE_INFINITY) > nowMs) return 0;
      const slots = isOnProbation(weightOf(key, nowMs)) ? 1 : slotsTotal;
      return slots - reservations.held(key);
    },
    ...reservations,
    weightOf,
    /** Forgets what time has mended; true while time alone may still change how much room it has. */
    settle(key: string, nowMs: number): boolean {
      if ((refusedUntilMs.get(key) ?? nowMs) <= nowMs) refusedUntilMs.delete(key);
      if (weightOf(key, nowMs) > mendedWeight) weights.delete(key);
      return weights.has(key) || refusedUntilMs.has(key);
    },
    noteOutcome(key: string, outcome: WorkerOutcome, nowMs: number): void {
      const before = weights.get(key);
      if (before === undefined && !outcome.isFailure) return;
      weights.set(key, advanceWeight(before, outcome, nowMs));
    },
    refuse: (key: string, untilMs: number): void => void refusedUntilMs.set(key, untilMs),
    allow: (key: string): void => void refusedUntilMs.delete(key),
    madeFor: (key: string, requestKey: string): void => addTo(requests, key, requestKey),
    requestsOf: (key: string): ReadonlySet<string> => requests.get(key) ?? nothing,
    claim: (key: string, taskId: string): void => void claims.set(key, taskId),
    isClaimed: (key: string): boolean => claims.has(key),
    /** The workers that nobody stops any more. */
    unclaim(taskId: string): readonly string[] {
      const keys = [...claims].filter(([, owner]) => owner === taskId).map(([key]) => key);
      for (const key of keys) claims.delete(key);
      return keys;
    },
    forget,
    /** What is told of a node's workers that are not there any more is forgotten. */
    keepOnly(node: string, keys: ReadonlySet<string>): void {
      const known = [refusedUntilMs, requests, weights, claims].flatMap((map) => [...map.keys()]);
      for (const key of known) if (key.startsWith(`${node}/`) && !keys.has(key)) forget(key);
    },
  };
}

function createReservations() {
  const holders = new Map<string, Set<string>>();
  const heldBy = new Map<string, Set<string>>();
  return {
    held: (key: string): number => holders.get(key)?.size ?? 0,
    reserve(key: string, taskId: string): void {
      addTo(holders, key, taskId);
      addTo(heldBy, taskId, key);
    },
    /** The workers that have a slot back. */
    release(taskId: string): readonly string[] {
      const keys = [...(heldBy.get(taskId) ?? [])];
      heldBy.delete(taskId);
      for (const key of keys) {
        const tasks = holders.get(key);
        tasks?.delete(taskId);
        if (tasks?.size === 0) holders.delete(key);
      }
      return keys;
    },
  };
}

const nothing: ReadonlySet<string> = new Set();

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, new Set([value]));
  else values.add(value);
}
