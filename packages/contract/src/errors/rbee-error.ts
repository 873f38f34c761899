import { errorEntry } from "./error-catalogue.ts";
import type { ErrorCode, ErrorDetails } from "./error-catalogue.ts";

const brand: unique symbol = Symbol.for("rbee.error") as never;

/**
 * The one error class of rbee: a code of the catalogue with the details that belong to it. The
 * message is the terse, public one. Recognise it with `RbeeError.is`, which also works when two
 * copies of the contract are loaded.
 */
export class RbeeError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "RbeeError";
  readonly [brand] = true;
  readonly code: Code;
  readonly details: ErrorDetails<Code>;

  constructor(code: Code, details: ErrorDetails<Code>, options?: { readonly cause?: unknown }) {
    super(errorEntry(code).message(details), options);
    this.code = code;
    this.details = details;
  }

  static is<Wanted extends ErrorCode>(value: unknown, code?: Wanted): value is RbeeError<Wanted> {
    if (typeof value !== "object" || value === null || !(brand in value)) return false;
    return code === undefined || (value as unknown as RbeeError).code === code;
  }
}
