import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { NodeDevices } from "../domain/node-devices.ts";

/** The disk that `path` is on, or will be on once it is made. */
export async function readDisk(path: string): Promise<NodeDevices["disk"]> {
  for (let existing = path; ; existing = dirname(existing)) {
    try {
      const { bsize, blocks, bavail } = await statfs(existing);
      return { path, totalBytes: blocks * bsize, availableBytes: bavail * bsize };
    } catch (error) {
      if (dirname(existing) === existing) throw error;
    }
  }
}
