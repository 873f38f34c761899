import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { RbeeError } from "@rbee/contract";

/**
 * Throws PERMISSION_DENIED, with the command that has it, unless all the folders can be written to,
 * or made. Before anything is changed.
 */
export function requirePermission(folders: readonly string[], command: string | undefined): void {
  for (const folder of folders) {
    const existing = nearestExisting(folder);
    try {
      accessSync(existing, constants.W_OK | constants.X_OK);
    } catch (error) {
      const isRoot = process.getuid?.() === 0;
      const details = { path: folder, ...(isRoot || command === undefined ? {} : { command }) };
      throw new RbeeError("PERMISSION_DENIED", details, { cause: error });
    }
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}
