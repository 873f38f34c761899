import type { WorkerState } from "@rbee/contract";

/** What happens to a worker, as far as its state depends on it. */
export type WorkerHappening =
  | "listening"
  | "loaded"
  | "all-slots-taken"
  | "slot-free"
  | "drain"
  | "failed"
  | "stopped";

type Transitions = Readonly<Partial<Record<WorkerHappening, WorkerState>>>;

const leaving: Transitions = { drain: "draining", failed: "error", stopped: "stopped" };

const transitions: Readonly<Record<WorkerState, Transitions>> = {
  // In: the process begins. Flags, key and the engine's library are read. Out: HTTP listens.
  starting: { listening: "loading", ...leaving },
  // In: HTTP listens. The model is read. Out: it is in memory, or it cannot be loaded.
  loading: { loaded: "idle", ...leaving },
  // In: the model is in memory and a slot is free. Out: the last free slot is taken.
  idle: { "all-slots-taken": "busy", ...leaving },
  // In: every slot computes. Out: one of them is free again.
  busy: { "slot-free": "idle", ...leaving },
  // In: somebody wants this worker gone. Running requests finish. Out: they have, or are ended.
  draining: { failed: "error", stopped: "stopped" },
  // In: the model is out of memory. Nothing runs. Out: the process ends.
  stopped: {},
  // In: the model cannot be loaded. The reason can still be asked for. Out: the process ends.
  error: { stopped: "stopped" },
};

/** The state after something happened; what means nothing in a state leaves it as it is. */
export function advance(state: WorkerState, happening: WorkerHappening): WorkerState {
  return transitions[state][happening] ?? state;
}

/** Whether the model is in memory and requests are taken, now or as soon as a slot is free. */
export function isReady(state: WorkerState): state is "idle" | "busy" {
  return state === "idle" || state === "busy";
}
