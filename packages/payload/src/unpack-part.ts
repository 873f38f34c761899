import { mkdir, rename, rm } from "node:fs/promises";
import { extract } from "tar";

/**
 * Unpacks what is wanted of a package's file into a folder of its own, which appears when it is
 * complete. Paths are those inside the package.
 */
export async function unpackPart(
  file: string,
  folder: string,
  isWanted: (path: string) => boolean,
): Promise<void> {
  const partial = `${folder}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await extract({
    file,
    cwd: partial,
    // Every package has one outermost folder, usually `package/`.
    strip: 1,
    preserveOwner: false,
    filter: (path, entry) =>
      "type" in entry && entry.type === "File" && isWanted(path.split("/").slice(1).join("/")),
  });
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
}
