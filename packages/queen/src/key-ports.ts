/** An API key as it is kept: its digest, never the key. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  /** SHA-256; a key of 256 random bits needs nothing slower. */
  readonly digest: Uint8Array;
  readonly createdUnix: number;
  readonly lastUsedUnix: number | undefined;
}

/** The lasting list of API keys. */
export interface KeyStore {
  /** Oldest first. */
  readonly list: () => readonly StoredKey[];
  /** Throws KEY_ALREADY_EXISTS for a name that is taken. */
  readonly insert: (key: StoredKey) => void;
  /** False when there is none with that id. */
  readonly remove: (id: string) => boolean;
  readonly noteUse: (id: string, atUnix: number) => void;
}

/** A key as people see it. */
export interface ShownKey extends Omit<StoredKey, "digest"> {
  readonly fingerprint: string;
}

/** The API keys of a running queen. */
export interface QueenKeys {
  readonly list: () => readonly ShownKey[];
  /**
   * Makes a key. When nobody needed one until now, this machine gets one of its own first, so that
   * the person here is not locked out. Throws KEY_ALREADY_EXISTS.
   */
  readonly create: (name: string) => ShownKey & { readonly key: string; readonly isFirst: boolean };
  /** Refuses it from now on. Throws KEY_NOT_FOUND. */
  readonly revoke: (id: string) => ShownKey;
}
