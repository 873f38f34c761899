import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Installation } from "@rbee/settings";

/**
 * The launcher of a copy of rbee, as a person can type it in `directory`: in a clone `./rbee`.
 * `rbee-keeper` when the copy has none.
 */
export function ownCommand({ root }: Installation, directory: string): string {
  // A bundle in a clone is one folder below the launcher.
  const places = [join(root, "bin/rbee"), join(root, "rbee"), join(dirname(root), "rbee")];
  const launcher = places.find((path) => existsSync(path));
  if (launcher === undefined) return "rbee-keeper";
  return dirname(launcher) === resolve(directory) ? "./rbee" : launcher;
}
