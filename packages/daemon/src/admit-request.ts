import { RbeeError } from "@rbee/contract";
import type { KeyScope } from "@rbee/contract";
import { keyFingerprint } from "@rbee/settings";
import { isOriginAllowed } from "./allow-origins.ts";
import { offeredKey, requireKey } from "./authenticate.ts";
import type { KeyAccess, KeyRing } from "./authenticate.ts";
import type { Caller } from "./call.ts";
import type { Logger } from "./create-logger.ts";
import { requireOwnSite } from "./require-own-site.ts";

/** Of a request, what tells who asks. */
export interface RequestHead {
  /** The operation. */
  readonly route: string;
  readonly client: string;
  readonly authorization: string | null;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

export interface Doors {
  readonly program: string;
  /** The key that clients must show now; undefined when none is needed. */
  readonly currentKey: () => string | undefined;
  /** Keys that are accepted beside it; while there are any, a key is needed. */
  readonly keyRing?: KeyRing | undefined;
  /** Further keys that one operation accepts besides it. */
  readonly otherKeys?: (route: string) => readonly string[];
  /** Whose pages may ask from a browser (CORS); `*` for any. */
  readonly allowedOrigins?: () => readonly string[];
  readonly logger: Logger;
}

/**
 * Who asks. Throws MISSING_API_KEY, INVALID_API_KEY or KEY_EXPIRED; where nobody needs a key,
 * FOREIGN_SITE.
 */
export function admitRequest(head: RequestHead, doors: Doors): KeyAccess {
  const { program, keyRing, logger } = doors;
  const { route, client, authorization } = head;
  const key = doors.currentKey();
  if (key === undefined && (keyRing === undefined || keyRing.isEmpty())) {
    const { host, origin } = head;
    const isAllowed =
      origin !== undefined && isOriginAllowed(origin, doors.allowedOrigins?.() ?? []);
    requireOwnSite(program, { host, origin: isAllowed ? undefined : origin });
    return { caller: addressCaller(client) };
  }
  const keys = [...(key === undefined ? [] : [key]), ...(doors.otherKeys?.(route) ?? [])];
  try {
    return requireKey({ program, keys, keyRing }, authorization);
  } catch (error) {
    const offered = offeredKey(authorization);
    if (offered !== undefined) {
      logger.warn({ client, fingerprint: keyFingerprint(offered), route }, "a key was refused");
    }
    throw error;
  }
}

/** Where nobody needs a key, an address is all that tells callers apart. */
export function addressCaller(address: string): Caller {
  return { id: address, name: address, scope: "operate", models: undefined, priority: "high" };
}

/** Throws KEY_SCOPE_DENIED for a key that is for less. */
export function requireScope({ name, scope }: Caller, needed: KeyScope = "operate"): void {
  if (scope === "operate" || needed === "use") return;
  throw new RbeeError("KEY_SCOPE_DENIED", { key: name, scope, needed });
}
