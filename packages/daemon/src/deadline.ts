import { RbeeError, sentAtHeader, timings } from "@rbee/contract";

export const deadlineHeader = "x-request-deadline";
const deadlineHeaderUnixMs = "x-deadline";

/**
 * The deadline of a request by this machine's clock, from either header; undefined when there is
 * none. Where the sender says what its own clock shows and that is far from ours, what counts is
 * how long it gave, not which o'clock it means.
 */
export function parseDeadline(headers: Headers, nowMs = Date.now()): Date | undefined {
  const iso = headers.get(deadlineHeader);
  const unixMs = headers.get(deadlineHeaderUnixMs);
  const text = iso ?? unixMs;
  if (text === null) return undefined;
  const deadline = new Date(iso ?? Number(unixMs));
  if (!Number.isNaN(deadline.getTime())) return byOurClock(deadline, headers, nowMs);
  const field = iso === null ? deadlineHeaderUnixMs : deadlineHeader;
  const message = iso === null ? "must be Unix milliseconds" : "must be an ISO 8601 time";
  throw new RbeeError("INVALID_REQUEST", { errors: [{ field, constraint: "format", message }] });
}

function byOurClock(deadline: Date, headers: Headers, nowMs: number): Date {
  const sentAtMs = Date.parse(headers.get(sentAtHeader) ?? "");
  const isClockWrong = Math.abs(nowMs - sentAtMs) > timings.clockDisagreementMs;
  return isClockWrong ? new Date(nowMs + deadline.getTime() - sentAtMs) : deadline;
}

// setTimeout counts in 32 bits; a later deadline is as good as none for one request.
const delayMaxMs = 2 ** 31 - 1;

/** A signal that aborts with REQUEST_TIMEOUT at the deadline, and what stops its clock. */
export function startDeadline(deadline: Date): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const abort = () => {
    controller.abort(new RbeeError("REQUEST_TIMEOUT", { deadline: deadline.toISOString() }));
  };
  const delayMs = deadline.getTime() - Date.now();
  if (delayMs <= 0) {
    abort();
    return { signal: controller.signal, stop: () => {} };
  }
  const timer = setTimeout(abort, Math.min(delayMs, delayMaxMs));
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}
