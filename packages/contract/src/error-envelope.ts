import { z } from "zod";
import { errorCatalogue, errorEntry, isErrorCode } from "./errors/error-catalogue.ts";
import { RbeeError } from "./errors/rbee-error.ts";

/** The body of every error, on every route and in every stream. OpenAI clients can read it too. */
export const ErrorBody = z.object({
  code: z.string(),
  message: z.string(),
  type: z.string(),
  param: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  correlation_id: z.string(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

export const ErrorEnvelope = z.object({ error: ErrorBody });
export type ErrorEnvelope = z.infer<typeof ErrorEnvelope>;

/** Renders an error for the wire. Anything but an `RbeeError` becomes INTERNAL_ERROR. */
export function errorToWire(error: unknown, correlationId: string): ErrorBody {
  const known = RbeeError.is(error) ? error : new RbeeError("INTERNAL_ERROR", {}, { cause: error });
  const { status } = errorEntry(known.code);
  return {
    code: known.code,
    message: known.message,
    type: openAiType(status),
    param: RbeeError.is(known, "INVALID_REQUEST") ? (known.details.errors[0]?.field ?? null) : null,
    details: { ...known.details },
    correlation_id: correlationId,
  };
}

/**
 * The HTTP status of an error; 500 for anything that is not in the catalogue. A key that another
 * host refused is that host's 401 and a bad gateway here: the client's own key was fine.
 */
export function errorStatus(error: unknown): number {
  if (RbeeError.is(error, "INVALID_API_KEY") && error.details.host !== undefined) return 502;
  return RbeeError.is(error) ? errorEntry(error.code).status : errorCatalogue.INTERNAL_ERROR.status;
}

/**
 * Reads an error from the wire. Undefined when it is no envelope of ours: an unknown code (a newer
 * program) or details that do not belong to it.
 */
export function errorFromWire(body: unknown): RbeeError | undefined {
  const parsed = ErrorBody.safeParse(body);
  if (!parsed.success || !isErrorCode(parsed.data.code)) return undefined;
  const details = errorEntry(parsed.data.code).details.safeParse(parsed.data.details);
  if (!details.success) return undefined;
  return new RbeeError(parsed.data.code, details.data as never);
}

function openAiType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 404) return "not_found_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}
