import type { DatabaseSync } from "node:sqlite";
import { RbeeError } from "@rbee/contract";
import type { KeyStore, StoredKey } from "../key-ports.ts";

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly digest: Uint8Array;
  readonly created_unix: number;
  readonly last_used_unix: number | null;
}

/** The API keys in the queen's database. */
export function createKeyStore(database: DatabaseSync): KeyStore {
  const select = database.prepare(
    "SELECT id, name, digest, created_unix, last_used_unix FROM api_keys ORDER BY created_unix, id",
  );
  const insert = database.prepare(
    "INSERT INTO api_keys (id, name, digest, created_unix, last_used_unix) VALUES (?, ?, ?, ?, ?)",
  );
  const findName = database.prepare("SELECT id FROM api_keys WHERE name = ?");
  const remove = database.prepare("DELETE FROM api_keys WHERE id = ?");
  const noteUse = database.prepare("UPDATE api_keys SET last_used_unix = ? WHERE id = ?");
  return {
    list: () => (select.all() as unknown as KeyRow[]).map(keyFromRow),
    insert({ id, name, digest, createdUnix, lastUsedUnix }) {
      if (findName.get(name) !== undefined) throw new RbeeError("KEY_ALREADY_EXISTS", { name });
      insert.run(id, name, digest, createdUnix, lastUsedUnix ?? null);
    },
    remove: (id) => Number(remove.run(id).changes) > 0,
    noteUse: (id, atUnix) => void noteUse.run(atUnix, id),
  };
}

function keyFromRow(row: KeyRow): StoredKey {
  const { id, name, digest, created_unix: createdUnix, last_used_unix: lastUsedUnix } = row;
  return { id, name, digest, createdUnix, lastUsedUnix: lastUsedUnix ?? undefined };
}
