import type { ModelCapabilities, WorkerState } from "@rbee/contract";

/** A worker as its hive last told it. Moments are by the queen's own clock that only goes forward. */
export interface ViewWorker {
  readonly id: string;
  readonly node: string;
  readonly url: string | null;
  readonly state: WorkerState;
  readonly model: string;
  readonly backend: string;
  readonly device: number;
  readonly slotsTotal: number;
  /** What tasks hold here is counted apart. */
  readonly slotsAvailable: number;
  readonly context: number;
  readonly memoryBytes: number;
  /** What its model can do; undefined until it is loaded. */
  readonly capabilities?: ModelCapabilities | undefined;
  /** What its preflight promised it. */
  readonly requiredBytes?: number;
  readonly lastActivity: string | null;
  readonly pid: number | null;
  /** How often its hive brought it up again after it had died. */
  readonly restarts?: number;
  /** Null while it comes up; absent where nobody told: then from when the queen saw it. */
  readonly readySinceMs?: number | null;
  readonly quietSinceMs?: number;
}

/** A worker on its node; ids alone are only unique on one node. */
export interface WorkerKey {
  readonly node: string;
  readonly id: string;
}

export function workerKey({ node, id }: WorkerKey): string {
  return `${node}/${id}`;
}
