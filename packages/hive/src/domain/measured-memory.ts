import type { BackendName } from "@rbee/contract";

/** What a model took here when it ran like that before. */
export interface MeasuredMemory {
  readonly backend: BackendName;
  readonly slots: number;
  readonly context: number;
  /** The most that any of its workers held. */
  readonly bytes: number;
  /** Workers that were measured. */
  readonly loads: number;
  /** Those of them that had answered a request by then. */
  readonly uses: number;
}
