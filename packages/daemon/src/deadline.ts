import { RbeeError } from "@rbee/contract";

export const deadlineHeader = "x-request-deadline";
const deadlineHeaderUnixMs = "x-deadline";

/** The deadline of a request, from either header; undefined when there is none. */
export function parseDeadline(headers: Headers): Date | undefined {
  const iso = headers.get(deadlineHeader);
  const unixMs = headers.get(deadlineHeaderUnixMs);
  const text = iso ?? unixMs;
  if (text === null) return undefined;
  const deadline = new Date(iso ?? Number(unixMs));
  if (!Number.isNaN(deadline.getTime())) return deadline;
  const field = iso === null ? deadlineHeaderUnixMs : deadlineHeader;
  const message = iso === null ? "must be Unix milliseconds" : "must be an ISO 8601 time";
  throw new RbeeError("INVALID_REQUEST", { errors: [{ field, constraint: "format", message }] });
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
