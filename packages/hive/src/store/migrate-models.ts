import type { DatabaseSync } from "node:sqlite";

// Step n brings a database from version n to n + 1. Steps are never changed, only added.
const steps: readonly string[] = [
  `CREATE TABLE models (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    variant TEXT NOT NULL DEFAULT '',
    digest TEXT,
    local_path TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    architecture TEXT,
    quantization TEXT,
    parameters INTEGER,
    context_length INTEGER,
    vocabulary_size INTEGER,
    eos_token_id INTEGER,
    has_chat_template INTEGER NOT NULL,
    shape TEXT,
    modified_at_ms INTEGER NOT NULL,
    downloaded_at_unix INTEGER NOT NULL,
    last_used_unix INTEGER,
    use_count INTEGER NOT NULL DEFAULT 0,
    UNIQUE (provider, reference, variant)
  ) STRICT`,
  // Of a file of another size nothing is known: the size is a part of what was measured.
  `CREATE TABLE measured_memory (
    model_id TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    backend TEXT NOT NULL,
    slots INTEGER NOT NULL,
    context INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    loads INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    measured_at_unix INTEGER NOT NULL,
    PRIMARY KEY (model_id, backend, slots, context)
  ) STRICT`,
];

/** Brings the schema up to date. Throws for a database that a newer rbee has written. */
export function migrateModels(database: DatabaseSync): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() ?? {};
  if (typeof version !== "number" || version > steps.length) {
    throw new Error(
      `models.db has schema version ${String(version)}, this rbee knows ${steps.length}: ` +
        "a newer rbee has written it",
    );
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    // The version is a part of the transaction, so a step is done as a whole or not at all.
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
