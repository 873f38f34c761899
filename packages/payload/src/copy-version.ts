import { constants } from "node:fs";
import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Payload } from "./payload.ts";
import { formatManifest } from "./unpack/place-version.ts";
import { manifestFileName } from "./unpack/unpack-protocol.ts";

/**
 * Makes a folder of a payload's files. They are copied: the payload may share its files with a
 * clone that somebody else may write to.
 */
export async function copyVersion(
  payload: Payload,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const { path, mode } of payload.files) {
    signal.throwIfAborted();
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await copyFile(join(payload.root, path), target, constants.COPYFILE_FICLONE);
    await chmod(target, mode);
  }
  await writeFile(join(folder, manifestFileName), formatManifest(payload.files));
}
