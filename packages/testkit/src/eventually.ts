export interface Patience {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
  /** What was waited for, for the error text. */
  readonly what?: string;
  readonly signal?: AbortSignal | undefined;
}

const timeoutDefaultMs = 10_000;
const intervalDefaultMs = 25;

let timeoutCeilingMs = Number.POSITIVE_INFINITY;

/** Caps every later wait: a hollow product is not worth the patience that a real one gets. */
export function capPatience(ceilingMs: number): void {
  timeoutCeilingMs = ceilingMs;
}

/**
 * The first value of `probe` that is neither undefined, null nor false. A probe that throws counts
 * as "not yet"; when time is up the error tells what was waited for and what was seen last.
 */
export async function eventually<Value>(
  probe: () => Promise<Value> | Value,
  patience: Patience = {},
): Promise<NonNullable<Exclude<Value, false>>> {
  const { intervalMs = intervalDefaultMs, what = "the condition", signal } = patience;
  const timeoutMs = Math.min(patience.timeoutMs ?? timeoutDefaultMs, timeoutCeilingMs);
  const startedAt = performance.now();
  for (;;) {
    const seen = await look(probe);
    if (seen.isThere) return seen.value as NonNullable<Exclude<Value, false>>;
    signal?.throwIfAborted();
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs >= timeoutMs) {
      throw new Error(`${what} did not come within ${Math.round(timeoutMs)} ms; ${seen.last}`, {
        cause: seen.cause,
      });
    }
    await pause(Math.min(intervalMs, timeoutMs - elapsedMs + 1));
  }
}

/** Throws as soon as `probe` is false within `forMs`: for what must not happen. */
export async function remains(
  probe: () => Promise<boolean> | boolean,
  { forMs, what = "the condition" }: { readonly forMs: number; readonly what?: string },
): Promise<void> {
  const endsAt = performance.now() + Math.min(forMs, timeoutCeilingMs);
  for (;;) {
    if (!(await probe())) throw new Error(`${what} held no longer`);
    if (performance.now() >= endsAt) return;
    await pause(100);
  }
}

interface Look {
  readonly isThere: boolean;
  readonly value?: unknown;
  readonly last: string;
  readonly cause?: unknown;
}

async function look(probe: () => unknown): Promise<Look> {
  try {
    const value: unknown = await probe();
    const isThere = value !== undefined && value !== null && value !== false;
    return { isThere, value, last: `last seen: ${JSON.stringify(value) ?? "nothing"}` };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { isThere: false, last: `last error: ${text}`, cause: error };
  }
}

// The one place of the test code where time passes by itself.
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
