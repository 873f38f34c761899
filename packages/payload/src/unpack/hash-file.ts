import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const chunk = Buffer.allocUnsafe(1024 * 1024);

/** Feeds a file to a hash, up to `bytes` of it. */
export function feedHash(hash: Hash, path: string, bytes = Infinity): void {
  const descriptor = openSync(path, "r");
  try {
    for (let left = bytes; left > 0;) {
      const count = readSync(descriptor, chunk, 0, Math.min(chunk.length, left), null);
      if (count === 0) return;
      hash.update(chunk.subarray(0, count));
      left -= count;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** True when there is a plain file of this size with this content. */
export function hasContent(path: string, sizeBytes: number, sha256: string): boolean {
  try {
    const descriptor = openSync(path, "r");
    const status = fstatSync(descriptor);
    closeSync(descriptor);
    if (!status.isFile() || status.size !== sizeBytes) return false;
    const hash = createHash("sha256");
    feedHash(hash, path);
    return hash.digest("hex") === sha256;
  } catch {
    return false;
  }
}
