import { RbeeError, sizes } from "@rbee/contract";

const windowMs = 1000;

/**
 * Counts the validation failures of each client. `requireAllowed` throws RATE_LIMITED once a client
 * has had too many within the last second.
 */
export function createFailureLimit(now: () => number = Date.now) {
  const windows = new Map<string, { startedAt: number; count: number }>();
  const current = (client: string) => {
    const window = windows.get(client);
    return window !== undefined && now() - window.startedAt < windowMs ? window : undefined;
  };
  return {
    requireAllowed(client: string): void {
      const limit = sizes.validationFailuresPerSecondMax;
      if ((current(client)?.count ?? 0) < limit) return;
      throw new RbeeError("RATE_LIMITED", { limit, window_seconds: windowMs / 1000 });
    },
    count(client: string): void {
      const window = current(client);
      if (window !== undefined) {
        window.count += 1;
        return;
      }
      // Whoever asked longer ago than a window needs no memory.
      for (const [other, { startedAt }] of windows) {
        if (now() - startedAt >= windowMs) windows.delete(other);
      }
      windows.set(client, { startedAt: now(), count: 1 });
    },
  };
}
