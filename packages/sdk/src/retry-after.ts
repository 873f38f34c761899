const waits = new WeakMap<Error, number>();

/** Remembers with an error what its answer said of when to ask again. */
export function noteRetryAfter(error: Error, header: string | null): void {
  const waitMs = parseRetryAfter(header);
  if (waitMs !== undefined) waits.set(error, waitMs);
}

/** How long the other side asked to wait before the next attempt, if it did. */
export function findRetryAfterMs(error: unknown): number | undefined {
  return error instanceof Error ? waits.get(error) : undefined;
}

// Seconds, or a date.
function parseRetryAfter(header: string | null): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
