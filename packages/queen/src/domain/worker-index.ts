import type { WorkerFacts } from "./placement-facts.ts";
import type { ViewWorker } from "./view-worker.ts";

/** The facts of a worker, kept up to date in place; `told` is what its hive said last. */
export type KnownWorker = { -readonly [Name in keyof WorkerFacts]: WorkerFacts[Name] } & {
  readonly key: string;
  told: ViewWorker;
};

interface Shelf {
  readonly all: Set<KnownWorker>;
  /** Those with a free slot, by how much room they have. */
  readonly byRoom: (Set<KnownWorker> | undefined)[];
}

interface Entry {
  readonly models: readonly string[];
  readonly room: number;
}

// Room is counted in quarters of a slot, so that a weight makes a difference, up to this much.
const roomSteps = 4;
const roomMax = 256;

/** Workers by their model, those with room apart, so that a decision need not look at the others. */
export function createWorkerIndex() {
  const shelves = new Map<string, Shelf>();
  const entries = new Map<KnownWorker, Entry>();

  const remove = (worker: KnownWorker) => {
    const entry = entries.get(worker);
    if (entry === undefined) return;
    entries.delete(worker);
    for (const model of entry.models) {
      const shelf = shelves.get(model);
      shelf?.all.delete(worker);
      shelf?.byRoom[entry.room]?.delete(worker);
      if (shelf?.all.size === 0) shelves.delete(model);
    }
  };
  return {
    /** Puts a worker where it belongs now. */
    put(worker: KnownWorker): void {
      const models = modelsOf(worker);
      const room = roomOf(worker);
      const before = entries.get(worker);
      if (before?.room === room && isEqual(before.models, models)) return;
      remove(worker);
      entries.set(worker, { models, room });
      for (const model of models) {
        const shelf = shelves.get(model) ?? { all: new Set(), byRoom: [] };
        shelves.set(model, shelf);
        shelf.all.add(worker);
        if (room >= 0) (shelf.byRoom[room] ??= new Set()).add(worker);
      }
    },
    remove,
    workersOf: (model: string): Iterable<KnownWorker> => shelves.get(model)?.all ?? [],
    *freeWorkersOf(model: string): Generator<KnownWorker, void, void> {
      const byRoom = shelves.get(model)?.byRoom ?? [];
      for (let room = byRoom.length - 1; room >= 0; room -= 1) yield* byRoom[room] ?? [];
    },
  };
}

// Its own, and those that it was made for under another name (an alias that only its hive knows).
function modelsOf({ model, madeFor }: KnownWorker): readonly string[] {
  if (madeFor.size === 0) return [model];
  const asked = [...madeFor].map((key) => (JSON.parse(key) as [string])[0]);
  return [...new Set([model, ...asked])];
}

// -1: nothing may be given to it.
function roomOf({ state, isLeaving, slotsFree, weight }: KnownWorker): number {
  const isReady = (state === "idle" || state === "busy") && !isLeaving;
  if (!isReady || slotsFree <= 0) return -1;
  return Math.min(roomMax, Math.ceil(slotsFree * weight * roomSteps));
}

function isEqual(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((model, index) => model === right[index]);
}
