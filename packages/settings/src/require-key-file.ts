import { accessSync, constants, statSync } from "node:fs";
import { RbeeError } from "@rbee/contract";

/**
 * Looks at a private key file as ssh will: throws SSH_KEY_NOT_FOUND for one that is missing, or
 * that ssh would leave aside with a word that nobody sees.
 */
export function requireKeyFile(path: string): void {
  try {
    const problem = findProblem(path);
    if (problem !== undefined) throw new RbeeError("SSH_KEY_NOT_FOUND", { path, problem });
    accessSync(path, constants.R_OK);
  } catch (cause) {
    if (RbeeError.is(cause)) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const isMissing = code === "ENOENT" || code === "ENOTDIR";
    const details = isMissing ? { path } : { path, problem: "cannot be read" };
    throw new RbeeError("SSH_KEY_NOT_FOUND", details, { cause });
  }
}

function findProblem(path: string): string | undefined {
  const status = statSync(path);
  if (status.isDirectory()) return "is a directory; name the private key file in it";
  if (!status.isFile()) return "is not a file";
  const mode = status.mode & 0o777;
  // ssh is that strict about files of its own user only.
  const isOurs = status.uid === process.getuid?.();
  if (!isOurs || (mode & 0o077) === 0) return undefined;
  return `has mode ${mode.toString(8)}: others may read it, so ssh ignores it; chmod 600 it`;
}
