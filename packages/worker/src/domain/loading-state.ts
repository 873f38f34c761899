import type { RbeeError } from "@rbee/contract";

export interface LayerProgress {
  readonly layersLoaded: number;
  readonly layersTotal: number;
  readonly loadedMb: number;
}

/** How far the loading of the model is. */
export type LoadingState =
  // In: the process begins. The engine gets ready. Out: the first layer is read.
  | { readonly phase: "waiting" }
  // In: the engine reads the file. Out: everything is in memory, or it fails.
  | { readonly phase: "loading"; readonly progress: LayerProgress }
  // In: the model takes requests. Final.
  | { readonly phase: "ready"; readonly progress: LayerProgress | undefined }
  // In: the model cannot be loaded. Final.
  | { readonly phase: "failed"; readonly error: RbeeError };

/** Whether progress is worth telling: layers are counted, not every percent of them. */
export function isNews(state: LoadingState, progress: LayerProgress): boolean {
  if (state.phase === "waiting") return true;
  return state.phase === "loading" && state.progress.layersLoaded !== progress.layersLoaded;
}

export function isOver(state: LoadingState): boolean {
  return state.phase === "ready" || state.phase === "failed";
}
