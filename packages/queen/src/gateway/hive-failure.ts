import { errorCatalogue, RbeeError } from "@rbee/contract";
import { TransportError } from "@rbee/sdk";
import type { NodeAccess } from "../ports.ts";

/**
 * What went wrong between the queen and a hive, said for the client: a broken connection is an
 * unreachable node, a refused key names the host, and the hive's own errors name the node.
 */
export function translateHiveFailure(error: unknown, node: NodeAccess): unknown {
  if (error instanceof TransportError) {
    const reason = `rbee-hive: ${error.message}`;
    return new RbeeError("NODE_UNREACHABLE", { node: node.name, reason }, { cause: error });
  }
  if (!RbeeError.is(error)) return error;
  if (RbeeError.is(error, "INVALID_API_KEY") || RbeeError.is(error, "MISSING_API_KEY")) {
    const { keyFile: key_file, hive } = node;
    const details = { program: error.details.program, host: hive.host, node: node.name, key_file };
    return new RbeeError("INVALID_API_KEY", details, { cause: error });
  }
  if (RbeeError.is(error, "SSE_CLOSED") || RbeeError.is(error, "CONNECTION_LOST")) {
    const reason = "rbee-hive: its stream ended before the work was done";
    return new RbeeError("NODE_UNREACHABLE", { node: node.name, reason }, { cause: error });
  }
  return withNode(error, node.name);
}

/** Names the node in errors that can say it and do not yet. */
export function withNode(error: RbeeError, node: string): RbeeError {
  const { shape } = errorCatalogue[error.code].details as { shape: Record<string, unknown> };
  const details = error.details as { readonly node?: string };
  if (!("node" in shape) || details.node !== undefined) return error;
  return new RbeeError(error.code, { ...details, node }, { cause: error });
}
