import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { RbeeError, sizes } from "@rbee/contract";

interface Attempt {
  /** Where was written. */
  readonly folder: string;
  readonly sizeBytes: number;
}

/**
 * A full disk or a closed folder as INSUFFICIENT_DISK or PERMISSION_DENIED; undefined for any other
 * failure.
 */
export async function translateObstacle(
  error: unknown,
  attempt: Attempt,
): Promise<RbeeError | undefined> {
  const { code, path } = error as { readonly code?: unknown; readonly path?: unknown };
  if (code === "ENOSPC" || code === "EDQUOT") return await noRoom(attempt, error);
  if (code !== "EACCES" && code !== "EPERM" && code !== "EROFS") return undefined;
  const details = { path: typeof path === "string" ? path : attempt.folder };
  return new RbeeError("PERMISSION_DENIED", details, { cause: error });
}

/** Throws INSUFFICIENT_DISK when so much does not fit there. */
export async function requireRoom(attempt: Attempt): Promise<void> {
  if ((await freeBytes(attempt.folder)) < attempt.sizeBytes) throw await noRoom(attempt, undefined);
}

async function noRoom({ folder, sizeBytes }: Attempt, cause: unknown): Promise<RbeeError> {
  const required = Math.ceil(sizeBytes / sizes.bytesPerMb);
  const available = Math.floor((await freeBytes(folder)) / sizes.bytesPerMb);
  return new RbeeError("INSUFFICIENT_DISK", { required, available, largest: [] }, { cause });
}

async function freeBytes(folder: string): Promise<number> {
  const existing = existsSync(folder) ? folder : dirname(folder);
  const { bavail, bsize } = await statfs(existing);
  return bavail * bsize;
}
