import { constants } from "node:fs";
import { chmod, copyFile, link, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createMeter } from "./create-meter.ts";
import { digestFile } from "./digest-file.ts";
import { writeFileList } from "./payload-cache.ts";
import type { PayloadFile, PayloadProgress } from "./payload.ts";
import type { PlannedFile } from "./plan-files.ts";

interface BuildInput {
  readonly root: string;
  readonly planned: readonly PlannedFile[];
  readonly onProgress: (progress: PayloadProgress) => void;
  readonly signal: AbortSignal;
}

/** Makes the folder of a payload; it appears when it is complete. */
export async function buildPayloadFolder(input: BuildInput): Promise<readonly PayloadFile[]> {
  const { root, planned, signal } = input;
  const partial = `${root}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  const meter = createMeter("assembling", "rbee", input.onProgress);
  meter.start(
    0,
    planned.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );
  try {
    const files: PayloadFile[] = [];
    for (const file of planned) {
      signal.throwIfAborted();
      const target = join(partial, file.path);
      await mkdir(dirname(target), { recursive: true });
      await placeFile(file, target);
      const { path, mode } = file;
      const sha256 = await digestFile(target, meter.add);
      files.push({ path, mode, sha256, sizeBytes: (await stat(target)).size });
    }
    await writeFileList(root, files);
    await rm(root, { recursive: true, force: true });
    await rename(partial, root);
    meter.end();
    return files;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function placeFile({ from, mode, mayBeLinked }: PlannedFile, target: string): Promise<void> {
  if ("text" in from) {
    await writeFile(target, from.text);
  } else if (mayBeLinked && (await tryLink(from.file, target, mode))) {
    return;
  } else {
    // Where the file system can, a copy takes no room until one of the two changes.
    await copyFile(from.file, target, constants.COPYFILE_FICLONE);
  }
  await chmod(target, mode);
}

// The files of packages are replaced, never changed: sharing them saves 150 MB. Another file system,
// another owner, or another mode want a copy.
async function tryLink(file: string, target: string, mode: number): Promise<boolean> {
  if (((await stat(file)).mode & 0o777) !== mode) return false;
  try {
    await link(file, target);
    return true;
  } catch {
    return false;
  }
}
