import type { RbeeError } from "@rbee/contract";
import type { RemoteError } from "./remote-error.ts";

interface Advice {
  readonly lines?: readonly string[];
  readonly hints?: readonly string[];
}

/** An error of the catalogue with what only the keeper knows: where it looked, what it saved. */
export class AdvisedError extends Error {
  override readonly name = "AdvisedError";
  override readonly cause: RbeeError | RemoteError;
  readonly lines: readonly string[];
  /** Stand before the hints of the catalogue. */
  readonly hints: readonly string[];

  constructor(cause: RbeeError | RemoteError, { lines = [], hints = [] }: Advice) {
    super(cause.message);
    this.cause = cause;
    this.lines = lines;
    this.hints = hints;
  }
}
