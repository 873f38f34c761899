import { RbeeError } from "@rbee/contract";

/** A worker's own terminal error: the client has it already, only its code is kept. */
export class WorkerFailure extends Error {
  override readonly name = "WorkerFailure";
  readonly code: string;
  constructor(code: string) {
    super(`the worker ended the task with ${code}`);
    this.code = code;
  }
}

/** How a task ended, by what ended it. */
export function taskOutcome(failure: unknown): "done" | "failed" | "cancelled" {
  if (failure === undefined) return "done";
  return RbeeError.is(failure, "REQUEST_CANCELED") ? "cancelled" : "failed";
}

export function taskFailureCode(failure: unknown): string {
  const isKnown = RbeeError.is(failure) || failure instanceof WorkerFailure;
  return isKnown ? failure.code : "INTERNAL_ERROR";
}
