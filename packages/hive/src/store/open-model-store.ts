import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ModelStore } from "../ports.ts";
import { createModelStore } from "./create-model-store.ts";
import { migrateModels } from "./migrate-models.ts";

export interface OpenedModelStore {
  readonly store: ModelStore;
  /** Where a corrupt file was put; its models have to be found again from the files on disk. */
  readonly backupPath?: string;
  /** True for a database that did not exist, or had to be made anew. */
  readonly isNew: boolean;
}

const busyTimeoutMs = 5000;
// Primary result codes of SQLite: the file is damaged, or it is no database.
const corruptCodes: ReadonlySet<number> = new Set([11, 26]);

/**
 * Opens models.db, checks it and brings its schema up to date. A corrupt file is set aside, never
 * deleted, and an empty database takes its place.
 */
export function openModelStore(path: string): OpenedModelStore {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const isNew = !existsSync(path);
  try {
    return { store: openDatabase(path), isNew };
  } catch (error) {
    if (!isCorruption(error)) throw new Error(`${path} cannot be opened`, { cause: error });
    const backupPath = setAside(path);
    return { store: openDatabase(path), isNew: true, backupPath };
  }
}

function openDatabase(path: string): ModelStore {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    requireIntact(database);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    migrateModels(database);
    return createModelStore(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

class DamagedDatabase extends Error {
  override readonly name = "DamagedDatabase";
}

function requireIntact(database: DatabaseSync): void {
  const { quick_check: finding } = database.prepare("PRAGMA quick_check(1)").get() ?? {};
  if (finding !== "ok") throw new DamagedDatabase(String(finding));
}

function isCorruption(error: unknown): boolean {
  if (error instanceof DamagedDatabase) return true;
  const { errcode } = error as { readonly errcode?: unknown };
  return typeof errcode === "number" && corruptCodes.has(errcode & 0xff);
}

// With its write-ahead log, which belongs to it and would be applied to the new file.
function setAside(path: string): string {
  const backupPath = freeBackupPath(`${path}.corrupt.backup`);
  renameSync(path, backupPath);
  for (const suffix of ["-wal", "-shm"]) {
    if (existsSync(path + suffix)) renameSync(path + suffix, backupPath + suffix);
  }
  return backupPath;
}

function freeBackupPath(path: string): string {
  let candidate = path;
  for (let number = 2; existsSync(candidate); number += 1) candidate = `${path}.${number}`;
  return candidate;
}
