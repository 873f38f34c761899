import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The lasting identity of the queen of this home: by it a restarted queen finds the hives that it
 * started. Made once; a file that holds something else is replaced.
 */
export function ensureInstanceId(path: string): string {
  const known = readKnown(path);
  if (known !== undefined) return known;
  const id = randomUUID();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${id}\n`, { mode: 0o600 });
  try {
    // Appears whole or not at all: of two queens that start at once, both take the same id.
    linkSync(draft, path);
    return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const other = readKnown(path);
    if (other !== undefined) return other;
    renameSync(draft, path);
    return id;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readKnown(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8").trim();
    return /^[0-9a-f-]{36}$/.test(text) ? text : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
