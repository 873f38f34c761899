import { createHash } from "node:crypto";

/**
 * The digest of a model from those of its files: that of its one file, or of a split model's the
 * SHA-256 over the digests of its parts, one in a line.
 */
export function digestParts(digests: readonly string[]): string {
  const [first = "", ...others] = digests;
  if (others.length === 0) return first;
  return createHash("sha256")
    .update(digests.map((digest) => `${digest}\n`).join(""))
    .digest("hex");
}
