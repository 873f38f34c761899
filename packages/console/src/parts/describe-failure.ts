import { errorEntry, errorFromWire, RbeeError } from "@rbee/contract";
import type { ErrorBody } from "@rbee/contract";
import { TransportError } from "@rbee/sdk";

/** An error as a person reads it: what happened, the figures, what to do next. */
export interface Failure {
  readonly title: string;
  readonly lines: readonly string[];
  readonly hints: readonly string[];
  readonly code: string;
}

/** Says what the catalogue says; what is no error of ours is told in its own words. */
export function describeFailure(error: unknown): Failure {
  if (RbeeError.is(error)) return describeKnown(error);
  if (error instanceof TransportError) {
    const hints = ["Is she running? rbee queen status", "This page tries again by itself."];
    return { title: "The queen does not answer", lines: [error.message], hints, code: "OFFLINE" };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { title: "Something went wrong in this page", lines: [text], hints: [], code: "PAGE" };
}

/** The same for the error event of a stream, also one of a newer queen that is not known here. */
export function failureFromBody(body: ErrorBody): Failure {
  const known = errorFromWire(body);
  if (known !== undefined) return describeKnown(known);
  return { title: body.message, lines: [], hints: [], code: body.code };
}

function describeKnown(error: RbeeError): Failure {
  const entry = errorEntry(error.code);
  const fields = RbeeError.is(error, "INVALID_REQUEST")
    ? error.details.errors.map(({ field, message }) => `${field} ${message}`.trim())
    : [];
  return {
    title: fields.length > 1 ? "Several fields are not right" : error.message,
    lines: [...(fields.length > 1 ? fields : []), ...(entry.explain?.(error.details) ?? [])],
    hints: entry.hint(error.details),
    code: error.code,
  };
}
