import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface OpenedDatabase<Opened> {
  readonly opened: Opened;
  /** Where a corrupt file was put. */
  readonly backupPath?: string;
}

export interface DatabaseInput<Opened> {
  readonly path: string;
  /** Before the file is opened; again when a new one takes a corrupt one's place. */
  readonly beforeOpen?: (path: string) => void;
  /** Brings the schema up to date and makes of the database what the program works with. */
  readonly prepare: (database: DatabaseSync) => Opened;
}

const busyTimeoutMs = 5000;
// Primary result codes of SQLite: the file is damaged, or it is no database.
const corruptCodes: ReadonlySet<number> = new Set([11, 26]);

/**
 * Opens a program's database, checks it and brings its schema up to date. A corrupt file is set
 * aside, never deleted, and an empty database takes its place.
 */
export function openDatabase<Opened>(input: DatabaseInput<Opened>): OpenedDatabase<Opened> {
  const { path } = input;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    return { opened: openIntact(input) };
  } catch (error) {
    if (!isCorruption(error)) throw new Error(`${path} cannot be opened`, { cause: error });
    const backupPath = setAside(path);
    return { opened: openIntact(input), backupPath };
  }
}

function openIntact<Opened>({ path, beforeOpen, prepare }: DatabaseInput<Opened>): Opened {
  beforeOpen?.(path);
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    requireIntact(database);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    return prepare(database);
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
