import { RbeeError, timings } from "@rbee/contract";
import type { Caller, KeyAccess, KeyRing } from "@rbee/daemon";
import type { KnownKey, KnownKeys } from "./create-known-keys.ts";
import { resolveKeyModel } from "./domain/resolve-key-model.ts";
import { takeTurn } from "./domain/rate-bucket.ts";
import type { Bucket } from "./domain/rate-bucket.ts";
import type { StoredKey } from "./key-ports.ts";

export interface KeyRingOptions {
  readonly known: KnownKeys;
  /** Configured names for references, now. */
  readonly aliases: () => Readonly<Record<string, string>>;
  /** By the wall clock. */
  readonly nowMs: () => number;
}

// setTimeout counts in 32 bits; what ends later is looked at again then.
const delayMaxMs = 2 ** 31 - 1;

/** Who may ask with the keys that the queen made: by name, end, rate and models of each. */
export function createKeyRing({ known, aliases, nowMs }: KeyRingOptions): KeyRing {
  // By id; what is left of a rate outlives a connection, not the queen.
  const buckets = new Map<string, Bucket>();
  const nowUnix = () => Math.floor(nowMs() / 1000);
  return {
    isEmpty: known.isEmpty,
    find(offered) {
      const key = known.find(offered);
      if (key === undefined) return undefined;
      requireFresh(key.stored);
      noteUse(key.stored);
      return accessOf(key);
    },
  };

  function accessOf(key: KnownKey): KeyAccess {
    const { stored } = key;
    const { id, rate } = stored;
    return {
      caller: callerOf(stored),
      watchEnd: (onEnd) => watchEnd(key, onEnd),
      ...(rate === undefined ? {} : { countRequest: () => countRequest(id, rate) }),
    };
  }

  function countRequest(
    id: string,
    { limit, window_seconds: windowSeconds }: Required<StoredKey>["rate"] & {},
  ) {
    const rate = { limit, windowSeconds };
    const { bucket, ...turn } = takeTurn(rate, buckets.get(id), performance.now());
    buckets.set(id, bucket);
    return { ...rate, ...turn };
  }

  function callerOf({ id, name, scope, models, priority }: StoredKey): Caller {
    const names = aliases();
    return {
      id,
      name,
      scope,
      priority,
      models: models?.map((model) => resolveKeyModel(model, names) ?? model),
    };
  }

  function requireFresh({ name, expiresUnix }: StoredKey): void {
    if (expiresUnix === undefined || nowMs() < expiresUnix * 1000) return;
    throw new RbeeError("KEY_EXPIRED", { key: name, expired_unix: expiresUnix });
  }

  // What runs with a key ends when the key does: a stream may go on for days.
  function watchEnd({ stored, endings }: KnownKey, onEnd: (reason: RbeeError) => void) {
    endings.add(onEnd);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const { name, expiresUnix } = stored;
    const look = () => {
      if (expiresUnix === undefined) return;
      const leftMs = expiresUnix * 1000 - nowMs();
      if (leftMs <= 0)
        onEnd(new RbeeError("KEY_EXPIRED", { key: name, expired_unix: expiresUnix }));
      else timer = setTimeout(look, Math.min(leftMs, delayMaxMs)).unref();
    };
    look();
    return () => {
      endings.delete(onEnd);
      clearTimeout(timer);
    };
  }

  // Written down at most once in a while: every token request would be a write otherwise.
  function noteUse({ id, lastUsedUnix }: StoredKey): void {
    const quietSeconds = timings.keyUseNotedEveryMs / 1000;
    if (lastUsedUnix !== undefined && nowUnix() - lastUsedUnix < quietSeconds) return;
    known.noteUse(id, nowUnix());
  }
}
