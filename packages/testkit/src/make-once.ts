import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { eventually } from "./eventually.ts";
import { isAlive } from "./process-table.ts";

export interface MakeOnceOptions {
  readonly folder: string;
  readonly lock: string;
  readonly limitMs: number;
  /** For the error when it takes too long. */
  readonly what: string;
  readonly make: () => Promise<void> | void;
}

/** Makes a folder that several processes want unless it is there; who comes second waits. */
export async function makeOnce({ folder, lock, limitMs, what, make }: MakeOnceOptions) {
  let isMine = false;
  await eventually(() => existsSync(folder) || (isMine = takeLock(lock)), {
    timeoutMs: limitMs,
    intervalMs: 200,
    what,
  });
  if (!isMine) return;
  try {
    // Whoever held the lock before may have made it after the look above.
    if (!existsSync(folder)) await make();
  } finally {
    rmSync(lock, { force: true });
  }
}

// The one who creates the file makes it; the lock of somebody who died is taken over.
function takeLock(lock: string): boolean {
  mkdirSync(dirname(lock), { recursive: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    const owner = Number(readFileSync(lock, "utf8"));
    if (owner > 0 && !isAlive(owner)) rmSync(lock, { force: true });
    return false;
  }
}
