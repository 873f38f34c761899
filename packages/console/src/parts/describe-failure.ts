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
  if (error instanceof TransportError) return describeTransport(error);
  const text = error instanceof Error ? error.message : String(error);
  return {
    title: "Something went wrong in this page",
    lines: [text],
    hints: ["Try it again; if it stays so, open the page anew."],
    code: "PAGE",
  };
}

function describeTransport({ failure, message, status }: TransportError): Failure {
  if (failure !== "not-rbee") {
    const hints = ["Is she running? rbee queen status", "When she is heard again, try it again."];
    return { title: "The queen does not answer", lines: [message], hints, code: "OFFLINE" };
  }
  return {
    title: "Something else answers in the queen's place",
    lines: [status === undefined ? message : `It answers with the status ${status}.`],
    hints: ["Is there a proxy between this browser and her? It says why in its own log."],
    code: "NOT_RBEE",
  };
}

/** The same for the error event of a stream, also one of a newer queen that is not known here. */
export function failureFromBody(body: ErrorBody): Failure {
  const known = errorFromWire(body);
  if (known !== undefined) return describeKnown(known);
  const hints = ["The queen is of another version than this page: open it anew."];
  return { title: body.message, lines: [], hints, code: body.code };
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
