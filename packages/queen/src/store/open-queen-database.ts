import { closeSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "@rbee/daemon/database";
import { migrateQueen } from "./migrate-queen.ts";

export interface OpenedQueenDatabase {
  readonly database: DatabaseSync;
  /** Where a corrupt file was put. */
  readonly backupPath?: string;
}

/** Opens beehives.db: nodes and API keys. */
export function openQueenDatabase(path: string): OpenedQueenDatabase {
  const { opened, ...aside } = openDatabase({ path, beforeOpen: keepPrivate, prepare });
  return { database: opened, ...aside };
}

function prepare(database: DatabaseSync): DatabaseSync {
  migrateQueen(database);
  return database;
}

// It holds digests of keys and names of machines: nobody else's business.
function keepPrivate(path: string): void {
  closeSync(openSync(path, "a", 0o600));
}
