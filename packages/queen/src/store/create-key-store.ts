import type { DatabaseSync } from "node:sqlite";
import { RbeeError } from "@rbee/contract";
import type { KeyScope, TaskPriority } from "@rbee/contract";
import type { KeyStore, StoredKey } from "../key-ports.ts";

// The table is strict, so SQLite itself sees to the types.
interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly digest: Uint8Array;
  readonly created_unix: number;
  readonly last_used_unix: number | null;
  readonly scope: KeyScope;
  readonly models: string | null;
  readonly rate_limit: number | null;
  readonly rate_window_seconds: number | null;
  readonly expires_unix: number | null;
  readonly priority: TaskPriority;
}

const columns = [
  "id",
  "name",
  "digest",
  "created_unix",
  "last_used_unix",
  "scope",
  "models",
  "rate_limit",
  "rate_window_seconds",
  "expires_unix",
  "priority",
] as const satisfies readonly (keyof KeyRow)[];

const uniqueViolation = 2067;

/** The API keys in the queen's database. */
export function createKeyStore(database: DatabaseSync): KeyStore {
  const select = database.prepare(
    `SELECT ${columns.join(", ")} FROM api_keys ORDER BY created_unix, id`,
  );
  const values = columns.map((name) => `:${name}`);
  const insert = database.prepare(
    `INSERT INTO api_keys (${columns.join(", ")}) VALUES (${values.join(", ")})`,
  );
  const remove = database.prepare("DELETE FROM api_keys WHERE id = ?");
  const noteUse = database.prepare("UPDATE api_keys SET last_used_unix = ? WHERE id = ?");
  const version = database.prepare("PRAGMA data_version");
  // SQLite counts what other connections wrote; our own writes leave it as it is.
  const readVersion = () => version.get()?.["data_version"];
  let seenVersion = readVersion();
  return {
    list: () => select.all().map((row) => keyFromRow(row as unknown as KeyRow)),
    insert(key) {
      try {
        insert.run({ ...rowFromKey(key) });
      } catch (error) {
        // Only the table knows: another program may write to it, too.
        if ((error as { readonly errcode?: unknown }).errcode !== uniqueViolation) throw error;
        throw new RbeeError("KEY_ALREADY_EXISTS", { name: key.name }, { cause: error });
      }
    },
    remove: (id) => Number(remove.run(id).changes) > 0,
    noteUse: (id, atUnix) => void noteUse.run(atUnix, id),
    hasForeignChanges() {
      const now = readVersion();
      const hasChanged = now !== seenVersion;
      seenVersion = now;
      return hasChanged;
    },
  };
}

function rowFromKey(key: StoredKey): KeyRow {
  return {
    id: key.id,
    name: key.name,
    digest: key.digest,
    created_unix: key.createdUnix,
    last_used_unix: key.lastUsedUnix ?? null,
    scope: key.scope,
    models: key.models === undefined ? null : JSON.stringify(key.models),
    rate_limit: key.rate?.limit ?? null,
    rate_window_seconds: key.rate?.window_seconds ?? null,
    expires_unix: key.expiresUnix ?? null,
    priority: key.priority,
  };
}

function keyFromRow(row: KeyRow): StoredKey {
  const { rate_limit: limit, rate_window_seconds: seconds } = row;
  return {
    id: row.id,
    name: row.name,
    digest: row.digest,
    createdUnix: row.created_unix,
    lastUsedUnix: row.last_used_unix ?? undefined,
    scope: row.scope,
    models: row.models === null ? undefined : (JSON.parse(row.models) as string[]),
    rate: limit === null || seconds === null ? undefined : { limit, window_seconds: seconds },
    expiresUnix: row.expires_unix ?? undefined,
    priority: row.priority,
  };
}
