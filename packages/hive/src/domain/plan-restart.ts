import { timings } from "@rbee/contract";

export interface CrashFacts {
  /** Restarts in a row that led to the worker that crashed. */
  readonly restartCount: number;
  readonly readyForMs: number;
  readonly isInDemand: boolean;
  readonly isCircuitOpen: boolean;
  /** From 0 to 1, for the jitter. */
  readonly random: number;
}

export type RestartPlan =
  | { readonly restarts: true; readonly attempt: number; readonly delayMs: number }
  | {
      readonly restarts: false;
      readonly reason: "not-in-demand" | "circuit-open" | "attempts-spent";
    };

/** Whether and when a crashed worker is started again: after 1, 2, 4 s, give or take a fifth. */
export function planRestart(crash: CrashFacts): RestartPlan {
  if (!crash.isInDemand) return { restarts: false, reason: "not-in-demand" };
  if (crash.isCircuitOpen) return { restarts: false, reason: "circuit-open" };
  // A worker that ran well for a whole window begins a new row of attempts.
  const spent = crash.readyForMs >= timings.circuitWindowMs ? 0 : crash.restartCount;
  const delayMs = timings.restartDelaysMs[spent];
  if (delayMs === undefined) return { restarts: false, reason: "attempts-spent" };
  const factor = 1 + timings.restartJitter * (2 * crash.random - 1);
  return { restarts: true, attempt: spent + 1, delayMs: delayMs * factor };
}
