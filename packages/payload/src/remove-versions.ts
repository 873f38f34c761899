import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { lockName, stagingFolderName } from "./unpack/unpack-protocol.ts";

/** Removes what `installVersion` put into a folder; what else is there stays. */
export async function removeVersions(root: string): Promise<void> {
  // First the link: who starts a program now finds none, instead of half of one.
  await rm(join(root, "current"), { force: true });
  const ours = ["versions", stagingFolderName, lockName, ".rbee-install.lock"];
  for (const name of ours) await rm(join(root, name), { recursive: true, force: true });
  await removeWhenEmpty(root);
}

async function removeWhenEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "ENOENT" && code !== "EEXIST") throw error;
  }
}
