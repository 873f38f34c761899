import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Installation } from "@rbee/settings";

export interface CopyInput {
  readonly from: Installation;
  readonly to: string;
  readonly version: string;
  /** The folder of a console, for another than the original has. */
  readonly console?: string;
}

/**
 * Another installation that says another version. Our own files are copied, since a program finds
 * its manifest from where its file really is; everything large stays with the original.
 */
export function copyInstallation({ from, to, version, console }: CopyInput): string {
  mkdirSync(to, { recursive: true });
  if (existsSync(join(from.root, "packages"))) copySources(from.root, to);
  else copyBundle(from.root, to);
  const manifest = JSON.parse(readFileSync(join(from.root, "rbee.json"), "utf8")) as object;
  const ownConsole = console === undefined ? {} : { console };
  const copied = { ...manifest, version, models: from.models, ...ownConsole };
  writeFileSync(join(to, "rbee.json"), JSON.stringify(copied));
  return to;
}

function copyBundle(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  symlinkSync(findModules(from), join(to, "node_modules"));
}

function findModules(folder: string): string {
  const modules = join(folder, "node_modules");
  return existsSync(modules) ? modules : findModules(dirname(folder));
}

function copySources(from: string, to: string): void {
  mkdirSync(join(to, "node_modules/@rbee"), { recursive: true });
  for (const name of readdirSync(join(from, "packages"))) {
    const copy = join(to, "packages", name);
    cpSync(join(from, "packages", name), copy, {
      recursive: true,
      filter: (path) => basename(path) !== "node_modules",
    });
    symlinkSync(copy, join(to, "node_modules/@rbee", name));
    // A package may have modules of its own, in a version that the root does not have.
    const own = join(from, "packages", name, "node_modules");
    if (existsSync(own)) symlinkSync(own, join(copy, "node_modules"));
  }
  for (const name of readdirSync(join(from, "node_modules"))) {
    if (name === "@rbee") continue;
    symlinkSync(join(from, "node_modules", name), join(to, "node_modules", name));
  }
  cpSync(join(from, "package.json"), join(to, "package.json"));
}
