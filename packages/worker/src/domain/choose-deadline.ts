export interface DeadlineInput {
  readonly nowMs: number;
  /** From the header of the request, Unix milliseconds. */
  readonly headerMs: number | undefined;
  /** From the request's own `timeout_seconds`. */
  readonly timeoutMs: number | undefined;
  readonly defaultTimeoutMs: number;
}

/** When a request has had its time, Unix milliseconds: the earliest of what it says, else ours. */
export function chooseDeadline(input: DeadlineInput): number {
  const { nowMs, headerMs, timeoutMs, defaultTimeoutMs } = input;
  const wishedMs = timeoutMs === undefined ? undefined : nowMs + timeoutMs;
  if (headerMs === undefined) return wishedMs ?? nowMs + defaultTimeoutMs;
  return wishedMs === undefined ? headerMs : Math.min(headerMs, wishedMs);
}
