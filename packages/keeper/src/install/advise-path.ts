import { delimiter, join, resolve } from "node:path";
import { existsSync } from "node:fs";
import type { Environment } from "../keeper.ts";

/** How a person reaches the programs in a folder; empty when their shell finds them already. */
export function advisePath(folder: string, environment: Environment): readonly string[] {
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((entry) => entry !== "");
  const index = folders.findIndex((entry) => resolve(entry) === folder);
  if (index < 0) {
    return [
      `${folder} is not on your PATH. Add it, and open a new terminal:`,
      `  ${pathCommand(folder, environment)}`,
    ];
  }
  const other = folders.slice(0, index).map((entry) => join(entry, "rbee-keeper"));
  const found = other.find((path) => existsSync(path));
  if (found === undefined) return [];
  return [`Your shell finds ${found} first: remove it, or put ${folder} before it on the PATH.`];
}

function pathCommand(folder: string, { SHELL: shell = "", HOME: home }: Environment): string {
  const shown =
    home !== undefined && folder.startsWith(`${home}/`)
      ? `$HOME${folder.slice(home.length)}`
      : folder;
  if (shell.endsWith("/fish")) return `fish_add_path ${shown}`;
  const file = shell.endsWith("/zsh") ? "~/.zshrc" : "~/.profile";
  return `echo 'export PATH="${shown}:$PATH"' >> ${file}`;
}
