import { createHash, timingSafeEqual } from "node:crypto";
import { RbeeError } from "@rbee/contract";

/** Keys of which only digests are kept. */
export interface KeyRing {
  readonly isEmpty: () => boolean;
  /** Takes the same time whichever key is offered, but for how many there are. */
  readonly accepts: (key: string) => boolean;
}

export interface KnownKeys {
  readonly program: string;
  readonly keys: readonly string[];
  readonly keyRing?: KeyRing | undefined;
}

/**
 * Throws MISSING_API_KEY, or INVALID_API_KEY for one that is not known. Takes the same time
 * whichever key is offered.
 */
export function requireKey(known: KnownKeys, authorization: string | null): void {
  const { program, keys, keyRing } = known;
  const offered = offeredKey(authorization);
  if (offered === undefined) throw new RbeeError("MISSING_API_KEY", { program });
  const digestOffered = digest(offered);
  const matches = keys.filter((key) => timingSafeEqual(digestOffered, digest(key)));
  const isOnRing = keyRing?.accepts(offered) ?? false;
  if (matches.length === 0 && !isOnRing) throw new RbeeError("INVALID_API_KEY", { program });
}

/** The key in an Authorization header. */
export function offeredKey(authorization: string | null): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
