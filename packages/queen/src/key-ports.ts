import type {
  CreateKeyRequest,
  KeyRate,
  KeyScope,
  KeyUsageDay,
  TaskPriority,
} from "@rbee/contract";

/** An API key as it is kept: its digest, never the key. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  /** SHA-256; a key of 256 random bits needs nothing slower. */
  readonly digest: Uint8Array;
  readonly createdUnix: number;
  readonly lastUsedUnix: number | undefined;
  readonly scope: KeyScope;
  /** As they were given: references, aliases, patterns; undefined: every model. */
  readonly models: readonly string[] | undefined;
  readonly rate: KeyRate | undefined;
  /** From this second on it is refused. */
  readonly expiresUnix: number | undefined;
  readonly priority: TaskPriority;
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
  /** True when another program has written to the database since it was last asked. */
  readonly hasForeignChanges: () => boolean;
}

export interface UsageFigures {
  readonly requests: number;
  readonly promptTokens: number;
  readonly generatedTokens: number;
}

/** What one key asked for on one day (UTC, `2026-12-31`). */
export interface UsageDay extends UsageFigures {
  readonly keyId: string;
  /** For people: it stays when the key is gone. */
  readonly keyName: string;
  readonly day: string;
}

/** The lasting record of what keys asked for. */
export interface UsageStore {
  /** Adds to what is there, all of it or nothing. */
  readonly add: (days: readonly UsageDay[]) => void;
  /** From that day on, newest first, then by name. */
  readonly list: (sinceDay: string, keyId: string | undefined) => readonly UsageDay[];
  /** In all that is kept, by id of the key. */
  readonly totals: () => ReadonlyMap<string, UsageFigures>;
  /** Forgets days before that one. */
  readonly forget: (beforeDay: string) => void;
}

/** Counts what keys ask for. */
export interface KeyUsageCounter {
  /** A request that is over; unknown ids (addresses, where no key is needed) count for `local`. */
  readonly count: (keyId: string, promptTokens: number, generatedTokens: number) => void;
  /** In all that is kept. */
  readonly totalOf: (keyId: string) => UsageFigures;
  readonly list: (days: number, keyId: string | undefined) => readonly UsageDay[];
}

/** A key as people see it. */
export interface ShownKey extends Omit<StoredKey, "digest">, UsageFigures {
  readonly fingerprint: string;
}

export interface CreatedKey extends ShownKey {
  readonly key: string;
  readonly isFirst: boolean;
}

/** The API keys of a running queen. */
export interface QueenKeys {
  readonly list: () => readonly ShownKey[];
  /**
   * Makes a key. When nobody needed one until now, this machine gets one of its own first, so that
   * the person here is not locked out. Throws KEY_ALREADY_EXISTS, INVALID_MODEL_REF, or
   * INVALID_REQUEST for an end that has passed.
   */
  readonly create: (request: CreateKeyRequest) => CreatedKey;
  /** Refuses it from now on, and ends what runs with it. Throws KEY_NOT_FOUND. */
  readonly revoke: (id: string) => ShownKey;
  /** Newest day first. Throws KEY_NOT_FOUND for an id that never was. */
  readonly usage: (days: number, id: string | undefined) => readonly KeyUsageDay[];
}
