import { errorStatus, RbeeError } from "@rbee/contract";
import { TransportError } from "./transport-error.ts";

/** Refused before anything was done; it is safe to ask again, whatever was asked. */
const busyStatuses: ReadonlySet<number> = new Set([429, 503]);
/** Nobody knows whether something was done. */
const doubtfulStatuses: ReadonlySet<number> = new Set([502, 504]);
const doubtfulFailures: ReadonlySet<string> = new Set(["timeout", "reset"]);

/**
 * Whether a request that failed before its first byte of answer may be sent again. What changes
 * something is repeated only when it surely was not done.
 */
export function judgeRetry(error: unknown, isIdempotent: boolean): boolean {
  if (error instanceof TransportError) {
    if (error.failure === "refused") return true;
    if (doubtfulFailures.has(error.failure)) return isIdempotent;
    return judgeStatus(error.status, isIdempotent);
  }
  return RbeeError.is(error) && judgeStatus(errorStatus(error), isIdempotent);
}

function judgeStatus(status: number | undefined, isIdempotent: boolean): boolean {
  if (status === undefined) return false;
  return busyStatuses.has(status) || (isIdempotent && doubtfulStatuses.has(status));
}
