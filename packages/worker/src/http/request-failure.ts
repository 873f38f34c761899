import { RbeeError } from "@rbee/contract";
import { EngineError } from "../engine.ts";

/**
 * What an engine's failure means for the request. `field` is the part of the request that the
 * engine was given when it refused.
 */
export function requestFailure(error: unknown, field: string): unknown {
  if (!(error instanceof EngineError)) return error;
  if (error.failure === "invalid-request") {
    const errors = [{ field, constraint: "engine", message: lowerFirst(error.message) }];
    return new RbeeError("INVALID_REQUEST", { errors }, { cause: error });
  }
  return new RbeeError("INFERENCE_FAILED", { reason: error.message }, { cause: error });
}

// The message stands behind the name of a field.
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "");
}
