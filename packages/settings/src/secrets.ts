import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { dirname, join } from "node:path";
import { RbeeError, sizes } from "@rbee/contract";

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder with what systemd hands to this service (LoadCredential=), when it does. */
const credentialsVariable = "CREDENTIALS_DIRECTORY";

/**
 * Where a secret is: the file that the configuration names, else the systemd credential of that
 * name, else undefined.
 */
export function findSecretPath(
  configured: string | undefined,
  credentialName: string,
  environment: Environment,
): string | undefined {
  if (configured !== undefined) return configured;
  const folder = environment[credentialsVariable];
  if (folder === undefined || folder === "") return undefined;
  const path = join(folder, credentialName);
  return existsSync(path) ? path : undefined;
}

// What holds more is no key; a device or a pipe could go on for ever.
const secretBytesMax = 8192;

/**
 * Reads a key from a file with no permission for group or others that holds one non-empty line.
 * Throws INSECURE_SECRET with the reason otherwise; the text of the file is never in an error.
 */
export function readSecretFile(path: string, environment: Environment = {}): string {
  let descriptor: number;
  try {
    // Without the flag, a named pipe in that place would keep this program waiting for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const reason = isMissing(error) ? "does not exist" : "cannot be read";
    throw new RbeeError("INSECURE_SECRET", { path, reason }, { cause: error });
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return refuse(path, "is not a file");
    requirePrivate(path, status, environment[credentialsVariable]);
    if (status.size > secretBytesMax) return refuse(path, "is far too long for a key");
    return parseSecret(path, readFileSync(descriptor, "utf8"));
  } finally {
    closeSync(descriptor);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function requirePrivate(path: string, { mode }: Stats, credentials: string | undefined): void {
  // systemd gives a service its credentials by an access list, whose mask shows as the group's bits.
  const isCredential = credentials !== undefined && dirname(path) === credentials;
  if ((mode & (isCredential ? 0o037 : 0o077)) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(3, "0");
  refuse(path, `has mode ${octal}; group and others must have no permission`);
}

function parseSecret(path: string, text: string): string {
  const key = text.replace(/\r?\n$/, "");
  if (key.trim() === "") return refuse(path, "is empty");
  if (/[\r\n]/.test(key)) return refuse(path, "holds more than one line");
  if (key.length < sizes.keyCharactersMin) {
    return refuse(path, `holds fewer than ${sizes.keyCharactersMin} characters`);
  }
  // It travels in a header, after the word Bearer.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    return refuse(path, "holds a blank or a character that no key may have");
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
export function ensureKeyFile(path: string, environment: Environment = {}): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const descriptor = openSync(path, "wx", 0o600);
    const key = createKey();
    writeSync(descriptor, `${key}\n`);
    closeSync(descriptor);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST")
      return readSecretFile(path, environment);
    throw error;
  }
}

/** First six hex digits of the key's SHA-256: all that is ever logged of a key. */
export function keyFingerprint(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 6);
}
