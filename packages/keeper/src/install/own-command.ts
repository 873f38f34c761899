import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Installation } from "@rbee/settings";
import type { Environment } from "../keeper.ts";

/**
 * The launcher of a copy of rbee as a person can type it in `directory`: in a clone `./rbee`, an
 * installed one as their shell finds it. `rbee-keeper` when the copy has none.
 */
export function ownCommand(
  { root }: Installation,
  environment: Environment,
  directory: string,
): string {
  // A bundle in a clone is one folder below the launcher.
  const places = [join(root, "bin/rbee"), join(root, "rbee"), join(dirname(root), "rbee")];
  const launcher = places.find((path) => existsSync(path));
  if (launcher === undefined) return "rbee-keeper";
  if (dirname(launcher) === resolve(directory)) return "./rbee";
  const real = realpathSync(launcher);
  const links = (environment["PATH"] ?? "").split(delimiter).map((path) => join(path, "rbee"));
  return links.find((path) => existsSync(path) && realpathSync(path) === real) ?? launcher;
}
