import type { Errand, Story, StoryEvent } from "../ports.ts";

/** `deserted` aborts when nobody waits for the result any more. */
type Start<Result> = (story: Story, deserted: AbortSignal) => Promise<Result>;

interface Run<Result> {
  readonly listeners: Set<Story>;
  readonly desertion: AbortController;
  /** The last line and the last progress, for whoever joins later. */
  readonly latest: Map<StoryEvent["type"], StoryEvent>;
  readonly result: Promise<Result>;
}

/**
 * Lets requests for the same thing share one run: each hears the story, each gets the result, and
 * one that leaves does not end it for the others.
 */
export function createJoinedRuns<Result>() {
  const runs = new Map<string, Run<Result>>();

  const begin = (key: string, start: Start<Result>): Run<Result> => {
    const listeners = new Set<Story>();
    const desertion = new AbortController();
    const latest = new Map<StoryEvent["type"], StoryEvent>();
    const story: Story = (event) => {
      latest.set(event.type, event);
      for (const listener of listeners) listener(event);
    };
    // Begun in a later turn, so that whoever began it listens before the first line.
    const result = Promise.resolve()
      .then(() => start(story, desertion.signal))
      .finally(() => runs.delete(key));
    // Whoever waits hears of the failure; when all have left nobody has to.
    result.catch(() => {});
    const run = { listeners, desertion, latest, result };
    runs.set(key, run);
    return run;
  };

  return {
    /** Waits until the run of this key, if there is one, is over, however it ends. */
    async settle(key: string): Promise<void> {
      await runs.get(key)?.result.catch(() => {});
    },
    async join(key: string, { story, hop }: Errand, start: Start<Result>): Promise<Result> {
      hop.signal.throwIfAborted();
      const running = runs.get(key);
      const run = running ?? begin(key, start);
      for (const event of running?.latest.values() ?? []) story(event);
      run.listeners.add(story);
      try {
        return await unlessAborted(run.result, hop.signal);
      } finally {
        run.listeners.delete(story);
        if (run.listeners.size === 0) run.desertion.abort();
      }
    },
  };
}

/** The promise, or the reason of the signal when that comes first. */
export async function unlessAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  let abort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
