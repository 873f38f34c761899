import { existsSync, readFileSync } from "node:fs";

/** What is looked up in files of keys and hosts when ssh names them. */
export const keyFiles = { readLine, isThere: existsSync };

function readLine(file: string, line: number): string | undefined {
  try {
    return readFileSync(file, "utf8").split("\n")[line - 1];
  } catch {
    // It may be gone, or not ours to read; then the fingerprint is not shown.
    return undefined;
  }
}
