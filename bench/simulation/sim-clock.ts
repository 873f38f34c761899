import { createHeap } from "../../packages/queen/src/domain/heap.ts";

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly happen: () => void;
  heapIndex: number;
}

export type SimClock = ReturnType<typeof createSimClock>;

/** A clock that jumps from one event to the next. */
export function createSimClock() {
  const events = createHeap<Event>(
    (left, right) =>
      left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order),
  );
  let nowMs = 0;
  let count = 0;
  return {
    nowMs: () => nowMs,
    after(delayMs: number, happen: () => void): void {
      count += 1;
      events.settle({ atMs: nowMs + Math.max(0, delayMs), order: count, happen, heapIndex: -1 });
    },
    /** False when the time is over or nothing happens any more. */
    step(untilMs: number): boolean {
      const event = events.first();
      if (event === undefined || event.atMs > untilMs) return false;
      events.remove(event);
      nowMs = event.atMs;
      event.happen();
      return true;
    },
  };
}
