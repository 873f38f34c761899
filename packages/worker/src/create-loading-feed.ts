import type { RbeeError } from "@rbee/contract";
import { isNews } from "./domain/loading-state.ts";
import type { LayerProgress, LoadingState } from "./domain/loading-state.ts";
import type { LoadingFeed } from "./ports.ts";

export interface WritableLoadingFeed extends LoadingFeed {
  readonly noteProgress: (progress: LayerProgress) => void;
  readonly noteReady: () => void;
  readonly noteFailure: (error: RbeeError) => void;
  /** Settles once a reader has been told of the failure. */
  readonly failureTold: Promise<void>;
}

/** Remembers how far loading is, so that a late reader starts with the present. */
export function createLoadingFeed(): WritableLoadingFeed {
  let state: LoadingState = { phase: "waiting" };
  let change = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();

  const become = (next: LoadingState) => {
    state = next;
    const previous = change;
    change = Promise.withResolvers<void>();
    previous.resolve();
  };

  return {
    current: () => state,
    noteFailureTold: told.resolve,
    failureTold: told.promise,
    noteProgress(progress) {
      if (isNews(state, progress)) become({ phase: "loading", progress });
    },
    noteReady() {
      const progress = state.phase === "loading" ? state.progress : undefined;
      become({ phase: "ready", progress });
    },
    noteFailure(error) {
      become({ phase: "failed", error });
    },
    async waitForChange(signal) {
      signal.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(signal.reason);
      signal.addEventListener("abort", abort);
      try {
        await Promise.race([change.promise, aborted.promise]);
      } finally {
        signal.removeEventListener("abort", abort);
      }
    },
  };
}
