import { createHash } from "node:crypto";
import { RbeeError } from "@rbee/contract";
import type { KeyStore, StoredKey } from "./key-ports.ts";

type Ending = (reason: RbeeError) => void;

/** A key in memory, with what runs under it. */
export interface KnownKey {
  readonly stored: StoredKey;
  /** Told when the key is taken away. */
  readonly endings: Set<Ending>;
}

export interface KnownKeys {
  readonly isEmpty: () => boolean;
  readonly list: () => readonly StoredKey[];
  readonly get: (id: string) => StoredKey | undefined;
  /** By the key itself. */
  readonly find: (key: string) => KnownKey | undefined;
  readonly add: (key: StoredKey) => void;
  /** Takes it away and ends what runs under it. */
  readonly remove: (id: string) => StoredKey | undefined;
  readonly noteUse: (id: string, atUnix: number) => void;
  /** Takes over what another program has written. */
  readonly follow: () => void;
}

export function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** The keys of the database in memory, found by their digest. */
export function createKnownKeys(store: KeyStore): KnownKeys {
  const byId = new Map<string, KnownKey>();
  // Of a key of 256 random bits, what a look-up tells by its time helps nobody.
  const byDigest = new Map<string, KnownKey>();
  const put = (stored: StoredKey) => {
    const known = { stored, endings: byId.get(stored.id)?.endings ?? new Set<Ending>() };
    byId.set(stored.id, known);
    byDigest.set(hexOf(stored.digest), known);
  };
  const take = ({ stored, endings }: KnownKey) => {
    byId.delete(stored.id);
    byDigest.delete(hexOf(stored.digest));
    for (const end of endings) end(new RbeeError("KEY_REVOKED", { key: stored.name }));
  };
  const follow = () => {
    if (!store.hasForeignChanges()) return;
    const listed = store.list();
    const ids = new Set(listed.map(({ id }) => id));
    for (const known of byId.values()) if (!ids.has(known.stored.id)) take(known);
    for (const stored of listed) put(stored);
  };
  for (const stored of store.list()) put(stored);
  return {
    isEmpty: () => byId.size === 0,
    list: () => [...byId.values()].map(({ stored }) => stored),
    get: (id) => byId.get(id)?.stored,
    find(key) {
      const digest = hexOf(digestOf(key));
      const known = byDigest.get(digest);
      if (known !== undefined) return known;
      follow();
      return byDigest.get(digest);
    },
    add(stored) {
      store.insert(stored);
      put(stored);
    },
    remove(id) {
      const known = byId.get(id);
      if (known === undefined) return undefined;
      store.remove(id);
      take(known);
      return known.stored;
    },
    noteUse(id, atUnix) {
      const known = byId.get(id);
      if (known === undefined) return;
      put({ ...known.stored, lastUsedUnix: atUnix });
      store.noteUse(id, atUnix);
    },
    follow,
  };
}

/** First six hex digits of the digest, as logs show a key. */
export function fingerprintOf({ digest }: StoredKey): string {
  return hexOf(digest).slice(0, 6);
}

function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString("hex");
}
