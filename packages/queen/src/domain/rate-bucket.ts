/** So many requests in so many seconds. */
export interface Rate {
  readonly limit: number;
  readonly windowSeconds: number;
}

/** How many requests were left, and when that was. */
export interface Bucket {
  readonly left: number;
  /** By any clock that only goes forward. */
  readonly atMs: number;
}

export interface Turn {
  readonly bucket: Bucket;
  readonly isAllowed: boolean;
  /** Whole requests that may come at once now. */
  readonly remaining: number;
  /** Until one is allowed again; 0 when one is now. */
  readonly waitMs: number;
  /** Until the bucket is full. */
  readonly resetMs: number;
}

/**
 * One request against a rate. The bucket is full at first, so that a client may use its whole limit
 * at once, and fills evenly; a request that is refused takes nothing out.
 */
export function takeTurn(rate: Rate, bucket: Bucket | undefined, nowMs: number): Turn {
  const perMs = rate.limit / (rate.windowSeconds * 1000);
  const filled =
    bucket === undefined ? rate.limit : fill(rate, bucket, perMs * (nowMs - bucket.atMs));
  const isAllowed = filled >= 1 - tolerance;
  const left = isAllowed ? Math.max(0, filled - 1) : filled;
  return {
    bucket: { left, atMs: nowMs },
    isAllowed,
    remaining: Math.floor(left + tolerance),
    waitMs: left >= 1 - tolerance ? 0 : (1 - left) / perMs,
    resetMs: (rate.limit - left) / perMs,
  };
}

// Who waits exactly as long as was said is let in, whatever the last bit of a sum is.
const tolerance = 1e-6;

function fill({ limit }: Rate, { left }: Bucket, gained: number): number {
  return Math.min(limit, left + Math.max(0, gained));
}
