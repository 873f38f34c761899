import { createHash, timingSafeEqual } from "node:crypto";
import { RbeeError } from "@rbee/contract";
import type { Caller } from "./call.ts";

/** Keys of which only digests are kept. */
export interface KeyRing {
  readonly isEmpty: () => boolean;
  /** Whose key that is; undefined for one that is not known. */
  readonly find: (key: string) => Caller | undefined;
}

/** Who has the key in the key file: the person at this machine and its programs. */
const localCaller: Caller = {
  id: "local",
  name: "this machine",
  scope: "operate",
  models: undefined,
};

export interface KnownKeys {
  readonly program: string;
  readonly keys: readonly string[];
  readonly keyRing?: KeyRing | undefined;
}

/**
 * Whose key was shown. Throws MISSING_API_KEY, or INVALID_API_KEY for one that is not known. Takes
 * the same time whichever key is offered.
 */
export function requireKey(known: KnownKeys, authorization: string | null): Caller {
  const { program, keys, keyRing } = known;
  const offered = offeredKey(authorization);
  if (offered === undefined) throw new RbeeError("MISSING_API_KEY", { program });
  const digestOffered = digest(offered);
  const matches = keys.filter((key) => timingSafeEqual(digestOffered, digest(key)));
  const onRing = keyRing?.find(offered);
  if (matches.length > 0) return localCaller;
  if (onRing !== undefined) return onRing;
  throw new RbeeError("INVALID_API_KEY", { program });
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
