/** A row of events that anybody may read from its beginning, while it grows and after its end. */
export interface Story<Event> {
  readonly append: (event: Event) => void;
  readonly end: () => void;
  /** All events so far, then each new one; over when the story is, or when the signal aborts. */
  readonly read: (signal: AbortSignal) => AsyncGenerator<Event, void, void>;
}

export function createStory<Event>(): Story<Event> {
  const events: Event[] = [];
  let hasEnded = false;
  let change = Promise.withResolvers<void>();
  const wake = () => {
    change.resolve();
    change = Promise.withResolvers<void>();
  };
  return {
    append(event) {
      if (hasEnded) return;
      events.push(event);
      wake();
    },
    end() {
      hasEnded = true;
      wake();
    },
    async *read(signal) {
      const aborted = Promise.withResolvers<void>();
      const abort = () => aborted.resolve();
      signal.addEventListener("abort", abort, { once: true });
      try {
        for (let next = 0; !signal.aborted;) {
          const event = events[next];
          if (event !== undefined) {
            next += 1;
            yield event;
          } else if (hasEnded) return;
          else await Promise.race([change.promise, aborted.promise]);
        }
      } finally {
        signal.removeEventListener("abort", abort);
      }
    },
  };
}
