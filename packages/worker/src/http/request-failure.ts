import { RbeeError } from "@rbee/contract";
import { EngineError } from "../engine.ts";

/**
 * What a failure of the engine means for the request. `field` is the part of the request that the
 * engine was given when it refused.
 */
export function requestFailure(cause: unknown, field: string): unknown {
  if (RbeeError.is(cause)) return cause;
  if (!(cause instanceof EngineError)) {
    // What the library itself throws is for the log: it was not made for a client to read.
    return new RbeeError("INFERENCE_FAILED", { reason: "it failed inside" }, { cause });
  }
  if (cause.failure === "unsupported") {
    const capability = field === "messages" ? "chat" : "generation";
    return new RbeeError("CAPABILITY_MISSING", { capability }, { cause });
  }
  if (cause.failure === "invalid-request") {
    const errors = [{ field, constraint: "engine", message: lowerFirst(cause.message) }];
    return new RbeeError("INVALID_REQUEST", { errors }, { cause });
  }
  return new RbeeError("INFERENCE_FAILED", { reason: cause.message }, { cause });
}

// The message stands behind the name of a field.
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "");
}
