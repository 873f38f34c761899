import type { WorkerState } from "@rbee/contract";
import { isReady } from "./worker-state.ts";

export interface Occupancy {
  readonly state: WorkerState;
  readonly slotsTotal: number;
  readonly slotsBusy: number;
}

export type Admission =
  | { readonly isAdmitted: true }
  | { readonly isAdmitted: false; readonly refusal: "WORKER_NOT_READY" | "ALL_SLOTS_BUSY" };

/** Whether a request gets a slot now. A worker never lets a request wait: its queen does. */
export function admit({ state, slotsTotal, slotsBusy }: Occupancy): Admission {
  if (!isReady(state)) return { isAdmitted: false, refusal: "WORKER_NOT_READY" };
  if (slotsBusy >= slotsTotal) return { isAdmitted: false, refusal: "ALL_SLOTS_BUSY" };
  return { isAdmitted: true };
}
