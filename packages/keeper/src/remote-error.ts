import { errorFromWire } from "@rbee/contract";
import type { ErrorBody, RbeeError } from "@rbee/contract";

// An error whose code this version does not know: a newer program sent it. Its message is shown as
// it came.
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(body.message);
    this.body = body;
  }
}

/** The error that an `error` event carries. */
export function errorFromEvent(body: ErrorBody): RbeeError | RemoteError {
  return errorFromWire(body) ?? new RemoteError(body);
}
