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
];

/** Brings the schema up to date. Throws for a database that a newer rbee has written. */
export function migrateQueen(database: DatabaseSync): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() ?? {};
  if (typeof version !== "number" || version > steps.length) {
    throw new Error(
      `beehives.db has schema version ${String(version)}, this rbee knows ${steps.length}: ` +
        "a newer rbee has written it",
    );
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    // The version is a part of the transaction, so a step is done as a whole or not at all.
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
