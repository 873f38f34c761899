// What ends a command before its time: Ctrl+C, a polite kill, or a stdout that nobody reads any
// more.

export type InterruptCause = "interrupted" | "output-closed";

export interface Interrupts {
  /** Aborts when the whole command shall end. */
  readonly signal: AbortSignal;
  readonly cause: () => InterruptCause | undefined;
  readonly raise: (cause: InterruptCause) => void;
  /** Ctrl+C: the first one asks, whoever asks twice does not want to wait for the answer. */
  readonly press: () => void;
  /** Until the returned function is called, the first Ctrl+C goes to `handler` alone. */
  readonly takeOver: (handler: () => void) => () => void;
}

export function createInterrupts(leaveAtOnce: () => void): Interrupts {
  const controller = new AbortController();
  let handler: (() => void) | undefined;
  let cause: InterruptCause | undefined;
  const raise = (raised: InterruptCause) => {
    cause ??= raised;
    controller.abort(new DOMException(cause, "AbortError"));
  };
  let hasAsked = false;
  return {
    signal: controller.signal,
    cause: () => cause,
    raise,
    press: () => {
      if (hasAsked || cause !== undefined) {
        leaveAtOnce();
        return;
      }
      hasAsked = true;
      if (handler === undefined) raise("interrupted");
      else handler();
    },
    takeOver: (taker) => {
      handler = taker;
      hasAsked = false;
      return () => {
        handler = undefined;
        hasAsked = false;
      };
    },
  };
}
