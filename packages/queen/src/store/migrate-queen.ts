import type { DatabaseSync } from "node:sqlite";

// Step n brings a database from version n to n + 1. Steps are never changed, only added.
const steps: readonly string[] = [
  `CREATE TABLE beehives (
    node_name TEXT PRIMARY KEY,
    ssh_host TEXT NOT NULL,
    ssh_port INTEGER NOT NULL DEFAULT 22,
    ssh_user TEXT,
    ssh_key_path TEXT,
    git_repo_url TEXT,
    git_branch TEXT NOT NULL,
    install_path TEXT NOT NULL,
    last_connected_unix INTEGER,
    last_error TEXT,
    status TEXT NOT NULL DEFAULT 'unknown' CHECK (status IN ('unknown', 'reachable', 'unreachable')),
    backends TEXT NOT NULL DEFAULT '[]',
    devices TEXT,
    host_key TEXT
  ) STRICT`,
  `CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL UNIQUE,
    created_unix INTEGER NOT NULL,
    last_used_unix INTEGER
  ) STRICT`,
  // What a key could do until now was everything.
  `ALTER TABLE api_keys ADD COLUMN scope TEXT NOT NULL DEFAULT 'operate'
    CHECK (scope IN ('use', 'operate'));
  ALTER TABLE api_keys ADD COLUMN models TEXT;
  ALTER TABLE api_keys ADD COLUMN rate_limit INTEGER;
  ALTER TABLE api_keys ADD COLUMN rate_window_seconds INTEGER;
  ALTER TABLE api_keys ADD COLUMN expires_unix INTEGER;
  ALTER TABLE api_keys ADD COLUMN priority TEXT NOT NULL DEFAULT 'high'
    CHECK (priority IN ('low', 'normal', 'high'));
  CREATE TABLE usage_by_day (
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    day TEXT NOT NULL,
    requests INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    generated_tokens INTEGER NOT NULL,
    PRIMARY KEY (key_id, day)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX usage_days ON usage_by_day (day)`,
];

/** Brings the schema up to date. Throws for a database that a newer rbee has written. */
export function migrateQueen(database: DatabaseSync): void {
  if (versionOf(database) === steps.length) return;
  // Read again inside: two queens may open the same old file at once. All of it is one transaction,
  // so it is done as a whole or not at all.
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const step of steps.slice(versionOf(database))) database.exec(step);
    database.exec(`PRAGMA user_version = ${steps.length}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() ?? {};
  if (typeof version === "number" && version <= steps.length) return version;
  throw new Error(
    `beehives.db has schema version ${String(version)}, this rbee knows ${steps.length}: ` +
      "a newer rbee has written it",
  );
}
