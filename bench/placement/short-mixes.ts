import { placeTask, placementKey } from "../../packages/queen/src/domain/place-task.ts";
import type { PlacementRequest } from "../../packages/queen/src/domain/place-task.ts";
import type { ViewWorker, WorkerView } from "../../packages/queen/src/domain/worker-view.ts";
import type { Mix } from "./open-fleet.ts";

interface House {
  readonly names: readonly string[];
  readonly startedAtMs: number;
}

interface ShortMix {
  readonly name: string;
  readonly expected: Mix["expected"];
  readonly workers: Partial<ViewWorker>;
  readonly shortMb: number;
  readonly waitedMs?: number;
}

/** Every node is short of memory for a model: whom to stop, or that nobody may be stopped. */
export function createShortMixes(
  house: House,
  fill: (change: Partial<ViewWorker>) => WorkerView,
): readonly Mix[] {
  const waitedMs = 600_000;
  const busy = { state: "busy", slotsAvailable: 1 } as const;
  const cases: readonly ShortMix[] = [
    { name: "one has to be stopped", expected: "evict", workers: {}, shortMb: 3000 },
    { name: "three have to be stopped", expected: "evict", workers: {}, shortMb: 11_000 },
    { name: "all are used alike", expected: "evict", workers: { quietSinceMs: 0 }, shortMb: 3000 },
    {
      name: "all came up just now",
      expected: "wait",
      workers: { readySinceMs: house.startedAtMs + 600_000 },
      shortMb: 3000,
    },
    { name: "all are busy", expected: "wait", workers: busy, shortMb: 3000 },
    { name: "a busy one is drained", expected: "evict", workers: busy, shortMb: 3000, waitedMs },
    { name: "nobody is large enough", expected: "refuse", workers: {}, shortMb: 900_000 },
  ];
  return cases.map((one) => createShortMix(house, one, fill(one.workers)));
}

function createShortMix(
  { names, startedAtMs }: House,
  { name, expected, shortMb, waitedMs }: ShortMix,
  view: WorkerView,
): Mix {
  let nowMs = startedAtMs;
  const wish = { model: "large", mayWait: true };
  const key = placementKey(wish);
  return {
    name: `every node is short, ${name}`,
    expected,
    prepare(index) {
      // Kept for seconds, of which the decisions take a few.
      if (index > 0) return () => {};
      view.facts(nowMs);
      for (const node of names) view.noteEstimate(node, key, shortOf(shortMb));
      return () => {};
    },
    decide() {
      nowMs += 0.01;
      const waitsSinceMs = waitedMs === undefined ? undefined : nowMs - waitedMs;
      const request: PlacementRequest = { ...wish, waitsSinceMs };
      return placeTask(request, view.facts(nowMs)).kind;
    },
  };
}

function shortOf(shortMb: number) {
  const availableMb = 21_000;
  const details = { model: "large", required: availableMb + shortMb, available: availableMb };
  return {
    verdict: "short",
    refusal: { code: "INSUFFICIENT_RAM", details },
    places: [{ pool: "ram", availableMb, shortMb }],
  } as const;
}
