import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const pollMs = 100;

/**
 * Runs the work while no other process, nor another caller in this one, does work under the same
 * path. A lock whose owner died is taken over after ten seconds; the wait ends with the signal.
 */
export async function withLock<Result>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true });
  const release = await takeLock(path, signal);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function takeLock(path: string, signal: AbortSignal): Promise<() => Promise<void>> {
  const { lock } = await import("proper-lockfile");
  for (;;) {
    signal.throwIfAborted();
    try {
      // What is locked need not exist: the lock is `<path>.lock`. A machine that slept may lose it
      // to another; everything under a lock appears by a rename, so that both end well.
      const release = await lock(path, { realpath: false, onCompromised: () => {} });
      return () => release().catch(() => {});
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ELOCKED") throw error;
    }
    await wait(pollMs, undefined, { signal });
  }
}
