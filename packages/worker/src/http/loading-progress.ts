import type { ProgressEvent, workerRoutes } from "@rbee/contract";
import type { Handler, SseWriter } from "@rbee/daemon";
import { isOver } from "../domain/loading-state.ts";
import type { LayerProgress, LoadingState } from "../domain/loading-state.ts";
import type { LoadingFeed } from "../ports.ts";

/** Streams how loading goes, from the present on. A slow reader misses steps, never the end. */
export function streamLoadingProgress(
  feed: LoadingFeed,
): Handler<typeof workerRoutes.loadingProgress> {
  return (call) =>
    call.stream(async (writer) => {
      let told: LoadingState | undefined;
      for (;;) {
        const state = feed.current();
        if (state === told) {
          await feed.waitForChange(writer.signal);
          continue;
        }
        await sendProgress(writer, state, told);
        told = state;
        if (!isOver(state)) continue;
        if (state.phase === "failed") {
          feed.noteFailureTold();
          throw state.error;
        }
        await writer.send({ type: "progress", stage: "ready" } satisfies ProgressEvent);
        return;
      }
    });
}

// Whoever comes after the end still hears how large the model is.
async function sendProgress(
  writer: SseWriter,
  state: LoadingState,
  told: LoadingState | undefined,
): Promise<void> {
  const progress = progressOf(state);
  if (progress === undefined || progress === progressOf(told)) return;
  await writer.send(progressToWire(progress));
}

function progressOf(state: LoadingState | undefined): LayerProgress | undefined {
  return state?.phase === "loading" || state?.phase === "ready" ? state.progress : undefined;
}

function progressToWire(progress: LayerProgress): ProgressEvent {
  return {
    type: "progress",
    stage: "loading_to_vram",
    layers_loaded: progress.layersLoaded,
    layers_total: progress.layersTotal,
    vram_mb: progress.loadedMb,
  };
}
