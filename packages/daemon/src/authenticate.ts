import { createHash, timingSafeEqual } from "node:crypto";
import { RbeeError } from "@rbee/contract";

/**
 * Throws MISSING_API_KEY, or INVALID_API_KEY for one that is none of `keys`. Takes the same time
 * whichever key is offered.
 */
export function requireKey(
  program: string,
  keys: readonly string[],
  authorization: string | null,
): void {
  const offered = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
  if (offered === undefined) throw new RbeeError("MISSING_API_KEY", { program });
  const digestOffered = digest(offered);
  const matches = keys.filter((key) => timingSafeEqual(digestOffered, digest(key)));
  if (matches.length === 0) throw new RbeeError("INVALID_API_KEY", { program });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
