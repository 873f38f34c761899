import { createHash, randomBytes } from "node:crypto";
import { RbeeError, timings } from "@rbee/contract";
import type { KeyRing, Logger } from "@rbee/daemon";
import { createKey } from "@rbee/settings";
import type { KeyStore, QueenKeys, ShownKey, StoredKey } from "./key-ports.ts";

export interface QueenKeysOptions {
  readonly store: KeyStore;
  /** Makes the key of this machine unless there is one; true when it was made now. */
  readonly ensureLocalKey: () => boolean;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

export interface OpenQueenKeys {
  readonly keys: QueenKeys;
  readonly ring: KeyRing;
}

// Recognisable in a file or a log where it should not be.
const keyPrefix = "rbee_";

/** The API keys of a running queen: what is made or revoked counts from the next request on. */
export function createQueenKeys(options: QueenKeysOptions): OpenQueenKeys {
  const { store, ensureLocalKey, logger, nowMs } = options;
  const known = new Map(store.list().map((key) => [key.id, key]));
  // By digest: of a key of 256 random bits, what a look-up tells by its time helps nobody.
  const ids = new Map([...known.values()].map(({ id, digest }) => [hexOf(digest), id]));
  const nowUnix = () => Math.floor(nowMs() / 1000);
  return {
    keys: {
      list: () => [...known.values()].map(showKey),
      create(name) {
        const key = `${keyPrefix}${createKey()}`;
        const id = `key-${randomBytes(6).toString("hex")}`;
        const digest = digestOf(key);
        const stored = { id, name, digest, createdUnix: nowUnix(), lastUsedUnix: undefined };
        store.insert(stored);
        const isFirst = ensureLocalKey();
        known.set(id, stored);
        ids.set(hexOf(digest), id);
        const shown = showKey(stored);
        logger.info({ id, name, fingerprint: shown.fingerprint }, "an API key was made");
        return { ...shown, key, isFirst };
      },
      revoke(id) {
        const stored = known.get(id);
        if (stored === undefined) throw new RbeeError("KEY_NOT_FOUND", { key: id });
        store.remove(id);
        known.delete(id);
        ids.delete(hexOf(stored.digest));
        const shown = showKey(stored);
        const { name, fingerprint } = shown;
        logger.info({ id, name, fingerprint }, "an API key was revoked");
        return shown;
      },
    },
    ring: {
      isEmpty: () => known.size === 0,
      find(offered) {
        const id = ids.get(hexOf(digestOf(offered)));
        const key = id === undefined ? undefined : known.get(id);
        if (key === undefined) return undefined;
        noteUse(key);
        return { id: key.id, name: key.name, scope: "operate", models: undefined };
      },
    },
  };

  // Written down at most once in a while: every token request would be a write otherwise.
  function noteUse(key: StoredKey): void {
    const { id, lastUsedUnix } = key;
    const quietSeconds = timings.keyUseNotedEveryMs / 1000;
    if (lastUsedUnix !== undefined && nowUnix() - lastUsedUnix < quietSeconds) return;
    known.set(id, { ...key, lastUsedUnix: nowUnix() });
    store.noteUse(id, nowUnix());
  }
}

function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString("hex");
}

function showKey({ digest, ...key }: StoredKey): ShownKey {
  return { ...key, fingerprint: hexOf(digest).slice(0, 6) };
}
