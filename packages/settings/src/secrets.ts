import { createHash, randomBytes } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { RbeeError, sizes } from "@rbee/contract";

/**
 * Reads a key from a file with no permission for group or others that holds one non-empty line.
 * Throws INSECURE_SECRET with the reason otherwise; the text of the file is never in an error.
 */
export function readSecretFile(path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw new RbeeError("INSECURE_SECRET", { path, reason: "cannot be read" }, { cause: error });
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return refuse(path, "is not a file");
    if ((status.mode & 0o077) !== 0) {
      const mode = (status.mode & 0o777).toString(8);
      return refuse(path, `has mode ${mode}; group and others must have no permission`);
    }
    return parseSecret(path, readFileSync(descriptor, "utf8"));
  } finally {
    closeSync(descriptor);
  }
}

function parseSecret(path: string, text: string): string {
  const key = text.replace(/\r?\n$/, "");
  if (key.trim() === "") return refuse(path, "is empty");
  if (/[\r\n]/.test(key)) return refuse(path, "holds more than one line");
  if (key.length < sizes.keyCharactersMin) {
    return refuse(path, `holds fewer than ${sizes.keyCharactersMin} characters`);
  }
  return key;
}

function refuse(path: string, reason: string): never {
  throw new RbeeError("INSECURE_SECRET", { path, reason });
}

/** A new key: 32 random bytes as base64url text. */
export function createKey(): string {
  return randomBytes(32).toString("base64url");
}

/** Reads the key in `path`, or makes one there (mode 0600) when there is no file yet. */
export function ensureKeyFile(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const descriptor = openSync(path, "wx", 0o600);
    const key = createKey();
    writeSync(descriptor, `${key}\n`);
    closeSync(descriptor);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return readSecretFile(path);
    throw error;
  }
}

/** First six hex digits of the key's SHA-256: all that is ever logged of a key. */
export function keyFingerprint(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 6);
}
