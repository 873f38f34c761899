import type { FetchListener, ModelFetch } from "./model-fetch.ts";

/** Listens to a fetch until its model is here; throws the signal's reason when that is sooner. */
export async function waitForModel<Result>(
  fetch: ModelFetch<Result>,
  listener: FetchListener,
  signal: AbortSignal,
): Promise<Result> {
  const stopListening = fetch.listen(listener);
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([fetch.outcome, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    stopListening();
  }
}
