import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Installation } from "@rbee/settings";

export interface CopyInput {
  readonly from: Installation;
  readonly to: string;
  readonly version: string;
}

/**
 * Another installation that says another version. Our own sources are copied, since a program finds
 * its manifest from where its file really is; everything large is a link to the original.
 */
export function copyInstallation({ from, to, version }: CopyInput): string {
  mkdirSync(join(to, "node_modules/@rbee"), { recursive: true });
  const packages = readdirSync(join(from.root, "packages"));
  for (const name of packages) {
    cpSync(join(from.root, "packages", name), join(to, "packages", name), {
      recursive: true,
      filter: (path) => basename(path) !== "node_modules",
    });
    symlinkSync(join(to, "packages", name), join(to, "node_modules/@rbee", name));
    linkOwnModules(join(from.root, "packages", name), join(to, "packages", name));
  }
  for (const name of readdirSync(join(from.root, "node_modules"))) {
    if (name !== "@rbee") {
      symlinkSync(join(from.root, "node_modules", name), join(to, "node_modules", name));
    }
  }
  symlinkSync(from.models, join(to, "models"));
  writeFileSync(join(to, "package.json"), readFileSync(join(from.root, "package.json")));
  const manifest = JSON.parse(readFileSync(join(from.root, "rbee.json"), "utf8")) as object;
  writeFileSync(join(to, "rbee.json"), JSON.stringify({ ...manifest, version }));
  return to;
}

// A package may have modules of its own, in a version that the root does not have.
function linkOwnModules(from: string, to: string): void {
  if (readdirSync(from).includes("node_modules")) {
    symlinkSync(join(from, "node_modules"), join(to, "node_modules"));
  }
}
