import type { WaitingTask } from "./task-queue.ts";

/** A task in the middle of others; it is found and taken out at once. */
export interface LineEntry {
  readonly task: WaitingTask;
  previous: LineEntry | undefined;
  next: LineEntry | undefined;
}

export type WaitingLine = ReturnType<typeof createWaitingLine>;

/** Tasks in the order in which they came. */
export function createWaitingLine() {
  let first: LineEntry | undefined;
  let last: LineEntry | undefined;
  const link = (entry: LineEntry, previous: LineEntry | undefined, next: LineEntry | undefined) => {
    entry.previous = previous;
    entry.next = next;
    if (previous === undefined) first = entry;
    else previous.next = entry;
    if (next === undefined) last = entry;
    else next.previous = entry;
  };
  return {
    first: (): WaitingTask | undefined => first?.task,
    append(task: WaitingTask): LineEntry {
      const entry: LineEntry = { task, previous: undefined, next: undefined };
      link(entry, last, undefined);
      return entry;
    },
    /** Before all that came later. */
    putBack(task: WaitingTask): LineEntry {
      let later = first;
      while (later !== undefined && later.task.sinceMs <= task.sinceMs) later = later.next;
      const entry: LineEntry = { task, previous: undefined, next: undefined };
      link(entry, later === undefined ? last : later.previous, later);
      return entry;
    },
    remove({ previous, next }: LineEntry): void {
      if (previous === undefined) first = next;
      else previous.next = next;
      if (next === undefined) last = previous;
      else next.previous = previous;
    },
    *[Symbol.iterator](): Generator<WaitingTask, void, void> {
      for (let entry = first; entry !== undefined; entry = entry.next) yield entry.task;
    },
  };
}
