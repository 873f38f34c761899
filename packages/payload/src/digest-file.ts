import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** Hex SHA-256 of a file; `onBytes` hears how many bytes were read. */
export async function digestFile(path: string, onBytes?: (bytes: number) => void): Promise<string> {
  const hash = createHash("sha256");
  const stream = createReadStream(path, { highWaterMark: 1024 * 1024 });
  if (onBytes !== undefined) stream.on("data", (bytes) => onBytes(bytes.length));
  await pipeline(stream, hash);
  return hash.digest("hex");
}
