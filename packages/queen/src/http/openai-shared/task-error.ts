import { errorFromWire, RbeeError } from "@rbee/contract";
import type { ErrorBody } from "@rbee/contract";

/** The error of a task's own last event; a code that this version does not know is an inner one. */
export function taskError(body: ErrorBody): RbeeError {
  return errorFromWire(body) ?? new RbeeError("INTERNAL_ERROR", {}, { cause: body });
}
