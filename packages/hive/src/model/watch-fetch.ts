import { EventEmitter, on } from "node:events";
import type { Narration, ProgressEvent } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { DownloadEvent } from "../ports.ts";
import type { ModelFetch } from "./model-fetch.ts";

/** The events of a fetch: its current state, what happens, and the model; throws its failure. */
export async function* watchFetch(
  fetch: ModelFetch,
  openNarrator: (emit: (event: Narration) => void) => Narrate,
  signal: AbortSignal,
): AsyncGenerator<DownloadEvent, void, void> {
  const emitter = new EventEmitter<{ event: [Narration | ProgressEvent]; end: [] }>();
  const emit = (event: Narration | ProgressEvent) => emitter.emit("event", event);
  const events = on(emitter, "event", { signal, close: ["end"] });
  const stopListening = fetch.listen({ narrate: openNarrator(emit), onProgress: emit });
  // It was kept for whoever would come; from now on it is theirs to leave.
  fetch.release();
  const end = () => emitter.emit("end");
  void fetch.outcome.then(end, end);
  try {
    for await (const [event] of events) yield event as Narration | ProgressEvent;
    yield { type: "done", model: await fetch.outcome };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    stopListening();
  }
}
