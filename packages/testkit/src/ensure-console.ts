import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { findInstallation } from "@rbee/settings";
import { makeOnce } from "./make-once.ts";

const run = promisify(execFile);
const buildLimitMs = 120_000;
const sourceFolders = ["packages/console/src", "packages/contract/src", "packages/sdk/src"];
const sourceFiles = [
  "packages/console/index.html",
  "scripts/build-console.ts",
  "scripts/install-console.ts",
];

/**
 * The console built from the sources as they are now, in a folder that nobody changes while a test
 * uses it. It is made once for all tests that find the same sources.
 */
export async function ensureConsole(): Promise<string> {
  const { root } = findInstallation(import.meta.dirname);
  const newestMs = Math.max(
    ...sourceFolders.map((name) => newestIn(join(root, name))),
    ...sourceFiles.map((name) => statSync(join(root, name)).mtimeMs),
  );
  const folder = join(root, `.cache/console/${Math.round(newestMs)}`);
  await makeOnce({
    folder,
    lock: `${folder}.lock`,
    limitMs: buildLimitMs,
    what: "the build of the console",
    make: () => buildAt(root, folder),
  });
  return folder;
}

function newestIn(folder: string): number {
  const names = readdirSync(folder, { recursive: true }).map(String);
  const sources = names.filter((name) => /\.(?:tsx?|css)$/.test(name) && !/\.test\./.test(name));
  return Math.max(...sources.map((name) => statSync(join(folder, name)).mtimeMs));
}

// Made aside first: whoever finds the folder finds all of it.
async function buildAt(root: string, folder: string): Promise<void> {
  const aside = `${folder}-${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  const script = pathToFileURL(join(root, "scripts/install-console.ts")).href;
  const code = `const { installConsole } = await import(${JSON.stringify(script)});
    await installConsole(${JSON.stringify(aside)});`;
  await run(process.execPath, ["--input-type=module", "-e", code], { cwd: root });
  renameSync(aside, folder);
}
