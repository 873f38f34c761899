import type { PullEvent } from "@rbee/contract";
import { createOperation } from "../../state/create-operation.ts";
import type { Operation, OperationView } from "../../state/create-operation.ts";
import type { BegunPull, PullMemory } from "./pull-memory.ts";

/** A download of this browser, and how it goes; idle when it was begun before this tab was opened. */
export interface PullView extends BegunPull, OperationView {}

/**
 * The downloads that were begun in this browser. It lives as long as the page in the browser does:
 * they go on while the person looks at another part of the console.
 */
export interface PullRoom {
  /** The one that was begun last comes first. */
  readonly current: () => readonly PullView[];
  readonly subscribe: (listener: () => void) => () => void;
  /** Begins it, or goes on with it at the byte where it stopped. */
  readonly start: (pull: BegunPull) => void;
  readonly pause: (pull: BegunPull) => void;
  /** Takes it from the list; what has come of it stays on that machine's disk. */
  readonly forget: (pull: BegunPull) => void;
}

export interface PullRoomParts {
  readonly memory: PullMemory;
  readonly open: (pull: BegunPull, signal: AbortSignal) => Promise<AsyncIterable<PullEvent>>;
}

export function createPullRoom({ memory, open }: PullRoomParts): PullRoom {
  const listeners = new Set<() => void>();
  const pulls = new Map<string, { pull: BegunPull; operation: Operation<PullEvent> }>();
  let view: readonly PullView[] = [];
  const tell = () => {
    view = [...pulls.values()]
      .map(({ pull, operation }) => ({ ...pull, ...operation.current() }))
      .toReversed();
    for (const listener of listeners) listener();
  };
  const add = (pull: BegunPull) => {
    const operation = pulls.get(nameOf(pull))?.operation ?? createOperation<PullEvent>();
    // What is begun again becomes the newest.
    pulls.delete(nameOf(pull));
    pulls.set(nameOf(pull), { pull, operation });
    return operation;
  };
  const follow = (pull: BegunPull) => add(pull).subscribe(tell);
  for (const pull of memory.list().toReversed()) follow(pull);
  tell();
  return {
    current: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start(pull) {
      const known = pulls.get(nameOf(pull));
      if (known?.operation.current().status === "running") return;
      if (known === undefined) follow(pull);
      add(pull).start(
        (signal) => open(pull, signal),
        ({ type }) => {
          // What was refused at once is nothing that could go on.
          if (type === "progress") memory.remember(pull);
          if (type === "done") memory.forget(pull);
        },
      );
    },
    pause: (pull) => pulls.get(nameOf(pull))?.operation.cancel(),
    forget(pull) {
      pulls.get(nameOf(pull))?.operation.cancel();
      pulls.delete(nameOf(pull));
      memory.forget(pull);
      tell();
    },
  };
}

function nameOf({ node, model }: BegunPull): string {
  return `${node} ${model}`;
}
