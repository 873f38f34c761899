import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = dirname(import.meta.dirname);
const built = join(root, "packages/console/built");

interface SiteList {
  readonly files: readonly { readonly path: string; readonly immutable: boolean }[];
}

/**
 * Puts the console into a folder, each file with a `.br` and a `.gz` beside it. Whoever has the tools
 * of developers gets it made from its sources; others the one that was made last and is a part of
 * the repository, so that they need not install what it is made of.
 */
export async function installConsole(output: string): Promise<void> {
  if (existsSync(join(root, "node_modules/@mantine/core"))) {
    const { buildConsole } = await import("./build-console.ts");
    await buildConsole(output);
  } else {
    rmSync(output, { recursive: true, force: true });
    cpSync(built, output, { recursive: true });
  }
  const { files } = JSON.parse(readFileSync(join(output, "files.json"), "utf8")) as SiteList;
  // The page itself is completed for each reader, so it is not compressed ahead of time.
  for (const { path } of files.filter(({ immutable }) => immutable)) compress(join(output, path));
}

function compress(path: string): void {
  const content = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
}
