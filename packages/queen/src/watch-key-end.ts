import { RbeeError } from "@rbee/contract";
import type { KnownKey } from "./create-known-keys.ts";

// setTimeout counts in 32 bits; what ends later is looked at again then.
const delayMaxMs = 2 ** 31 - 1;

export interface KeyEndWatch {
  readonly key: KnownKey;
  /** By the wall clock. */
  readonly nowMs: () => number;
  readonly onEnd: (reason: RbeeError) => void;
}

/**
 * Calls back once the key is revoked or its time is over: what runs with a key ends with it,
 * because a stream may go on for days. The answer stops watching.
 */
export function watchKeyEnd({ key, nowMs, onEnd }: KeyEndWatch): () => void {
  const { stored, endings } = key;
  const { name, expiresUnix } = stored;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    if (expiresUnix === undefined) return;
    const leftMs = expiresUnix * 1000 - nowMs();
    if (leftMs > 0) timer = setTimeout(look, Math.min(leftMs, delayMaxMs)).unref();
    else onEnd(new RbeeError("KEY_EXPIRED", { key: name, expired_unix: expiresUnix }));
  };
  endings.add(onEnd);
  look();
  return () => {
    endings.delete(onEnd);
    clearTimeout(timer);
  };
}
