import { RbeeError, timings } from "@rbee/contract";
import type { KeyRate } from "@rbee/contract";
import type { Caller, KeyAccess, KeyRing, Logger, RateStanding } from "@rbee/daemon";
import type { KnownKey, KnownKeys } from "./create-known-keys.ts";
import { resolveKeyModel } from "./domain/resolve-key-model.ts";
import { takeTurn } from "./domain/rate-bucket.ts";
import type { Bucket } from "./domain/rate-bucket.ts";
import type { StoredKey } from "./key-ports.ts";
import { watchKeyEnd } from "./watch-key-end.ts";

export interface KeyRingOptions {
  readonly known: KnownKeys;
  /** Configured names for references, now. */
  readonly aliases: () => Readonly<Record<string, string>>;
  readonly logger: Logger;
  /** By the wall clock. */
  readonly nowMs: () => number;
}

/** Who may ask with the keys that the queen made: by name, end, rate and models of each. */
export function createKeyRing({ known, aliases, logger, nowMs }: KeyRingOptions): KeyRing {
  const countRequest = createRequestCounter();
  const accessOf = (key: KnownKey): KeyAccess => {
    const { rate } = key.stored;
    return {
      caller: callerOf(key.stored, aliases()),
      watchEnd: (onEnd) => watchKeyEnd({ key, nowMs, onEnd }),
      ...(rate === undefined ? {} : { countRequest: () => countRequest(key, rate) }),
    };
  };
  // Written down at most once in a while: every token request would be a write otherwise.
  const noteUse = ({ id, lastUsedUnix }: StoredKey) => {
    const nowUnix = Math.floor(nowMs() / 1000);
    const quietSeconds = timings.keyUseNotedEveryMs / 1000;
    if (lastUsedUnix !== undefined && nowUnix - lastUsedUnix < quietSeconds) return;
    try {
      known.noteUse(id, nowUnix);
    } catch (error) {
      // A full disk is no reason to refuse a request.
      logger.warn({ id, error }, "when an API key was used could not be written down");
    }
  };
  return {
    isEmpty: known.isEmpty,
    find(offered) {
      const key = known.find(offered);
      if (key === undefined) return undefined;
      const { name, expiresUnix } = key.stored;
      if (expiresUnix !== undefined && nowMs() >= expiresUnix * 1000) {
        throw new RbeeError("KEY_EXPIRED", { key: name, expired_unix: expiresUnix });
      }
      noteUse(key.stored);
      return accessOf(key);
    },
  };
}

function callerOf(stored: StoredKey, aliases: Readonly<Record<string, string>>): Caller {
  const { id, name, scope, models, priority } = stored;
  return {
    id,
    name,
    scope,
    priority,
    // An alias that is none any more is no model's reference, so it opens nothing.
    models: models?.map((model) => resolveKeyModel(model, aliases) ?? model),
  };
}

// What is left of a rate outlives a connection, not the queen.
function createRequestCounter() {
  // By what stays the same in memory for as long as there is the key, and goes with it.
  const buckets = new WeakMap<KnownKey["endings"], Bucket>();
  return (
    { endings }: KnownKey,
    { limit, window_seconds: windowSeconds }: KeyRate,
  ): RateStanding => {
    const rate = { limit, windowSeconds };
    const { bucket, ...turn } = takeTurn(rate, buckets.get(endings), performance.now());
    buckets.set(endings, bucket);
    return { ...rate, ...turn };
  };
}
