import { createHash, timingSafeEqual } from "node:crypto";
import { RbeeError } from "@rbee/contract";
import type { Caller } from "./call.ts";
import type { RateStanding } from "./rate-headers.ts";

/** What a key opens. */
export interface KeyAccess {
  readonly caller: Caller;
  /** Counts one request against the key's rate; left out where there is none. */
  readonly countRequest?: (() => RateStanding) | undefined;
  /**
   * Calls back when the key is good no more, with the error that says why. The answer takes the
   * listener away again.
   */
  readonly watchEnd?: ((onEnd: (reason: RbeeError) => void) => () => void) | undefined;
}

/** Keys of which only digests are kept. */
export interface KeyRing {
  readonly isEmpty: () => boolean;
  /** Undefined for a key that is not known. Throws KEY_EXPIRED. */
  readonly find: (key: string) => KeyAccess | undefined;
}

/** Who has the key in the key file: the person at this machine and its programs. */
const localCaller: Caller = {
  id: "local",
  name: "this machine",
  scope: "operate",
  models: undefined,
  priority: "high",
};

export interface KnownKeys {
  readonly program: string;
  readonly keys: readonly string[];
  readonly keyRing?: KeyRing | undefined;
}

/**
 * What the shown key opens. Throws MISSING_API_KEY, INVALID_API_KEY for one that is not known, or
 * KEY_EXPIRED. Takes the same time whichever key is offered.
 */
export function requireKey(known: KnownKeys, authorization: string | null): KeyAccess {
  const { program, keys, keyRing } = known;
  const offered = offeredKey(authorization);
  if (offered === undefined) throw new RbeeError("MISSING_API_KEY", { program });
  const digestOffered = digest(offered);
  const matches = keys.filter((key) => timingSafeEqual(digestOffered, digest(key)));
  if (matches.length > 0) return { caller: localCaller };
  const onRing = keyRing?.find(offered);
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
