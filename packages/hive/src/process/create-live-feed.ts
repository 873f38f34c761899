/** Events for whoever listens now; nothing is kept for those who come later. */
export interface LiveFeed<Event> {
  readonly publish: (event: Event) => void;
  /** Listens from this call on; the events are read with `read`. */
  readonly subscribe: () => Subscription<Event>;
}

export interface Subscription<Event> {
  /** Each event in its order, until the signal aborts. */
  readonly read: (signal: AbortSignal) => AsyncGenerator<Event, void, void>;
  readonly close: () => void;
}

export function createLiveFeed<Event>(): LiveFeed<Event> {
  const listeners = new Set<(event: Event) => void>();
  return {
    publish(event) {
      for (const listener of listeners) listener(event);
    },
    subscribe() {
      const waiting: Event[] = [];
      let wake = () => {};
      const listener = (event: Event) => {
        waiting.push(event);
        wake();
      };
      listeners.add(listener);
      return {
        close: () => listeners.delete(listener),
        async *read(signal) {
          signal.addEventListener("abort", () => wake(), { once: true });
          while (!signal.aborted) {
            const event = waiting.shift();
            if (event !== undefined) yield event;
            else await new Promise<void>((resolve) => (wake = resolve));
          }
        },
      };
    },
  };
}
