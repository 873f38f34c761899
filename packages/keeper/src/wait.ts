import { setTimeout as delay } from "node:timers/promises";

/** Waits; a signal that aborts ends the wait with its reason. */
export async function waitMs(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
}
