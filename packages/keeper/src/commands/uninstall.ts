import { existsSync, lstatSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RbeeError } from "@rbee/contract";
import { findRunning, removeVersions } from "@rbee/payload";
import { defineCommand } from "../define-command.ts";
import { switchFlag } from "../flags.ts";
import { installPlaces } from "../install/install-places.ts";
import type { InstallPlaces } from "../install/install-places.ts";
import { listLinks } from "../install/link-programs.ts";
import { ownCommand } from "../install/own-command.ts";
import { requirePermission } from "../install/require-permission.ts";
import { createUnit } from "../install/create-unit.ts";
import { removeUnit } from "../install/write-unit.ts";
import type { Keeper } from "../keeper.ts";
import { printResult } from "../output/print.ts";

export const uninstallCommand = defineCommand({
  summary: "remove what install put on this machine",
  details:
    "Models, the configuration and ~/.rbee stay; it says where they are and how to remove them. " +
    "Refuses while programs run from there.",
  examples: ["rbee-keeper uninstall", "sudo rbee-keeper uninstall --system"],
  arguments: {},
  flags: { system: switchFlag("what install --system put there; needs root") },
  run: async ({ keeper, flags: { system: isSystem } }) => {
    const { installation, paths } = keeper.configuration();
    const { homeDirectory } = keeper;
    const places = installPlaces({ isSystem, homeDirectory, rbeeHome: paths.home });
    if (!isInstalled(places)) {
      const text = `rbee is not installed in ${places.root}; there is nothing to remove.`;
      await printResult(keeper, { removed: [], kept: [] }, () => [text]);
      return undefined;
    }
    const command = `${ownCommand(installation, keeper.environment, process.cwd())} uninstall${isSystem ? " --system" : ""}`;
    requirePermission([places.binaries, places.root], isSystem ? command : undefined);
    await requireIdle(places);
    const removed = await removeAll(keeper, places);
    const kept = [places.models, places.configFile, paths.home, places.cache].filter(
      (path, index, all) =>
        existsSync(path) && !all.some((other, at) => at !== index && path.startsWith(`${other}/`)),
    );
    await printResult(keeper, { removed, kept }, () => [
      `rbee is removed from ${places.root} and ${places.binaries}.`,
      ...(kept.length === 0 ? [] : ["These stay; remove what you no longer need:"]),
      ...kept.map(
        (path) =>
          `  ${isSystem && !path.startsWith(homeDirectory) ? "sudo " : ""}rm -r ${quotePath(path)}`,
      ),
    ]);
    return undefined;
  },
});

function isInstalled(places: InstallPlaces): boolean {
  const current = lstatSync(join(places.root, "current"), { throwIfNoEntry: false });
  const hasVersions = existsSync(join(places.root, "versions"));
  return current !== undefined || hasVersions || listLinks(places).length > 0;
}

async function requireIdle({ root }: InstallPlaces): Promise<void> {
  const running = await findRunning(root);
  if (running.length === 0) return;
  const programs = running.map(({ name, pid }) => ({ name, pid }));
  throw new RbeeError("PROGRAMS_RUNNING", { root, programs });
}

async function removeAll(keeper: Keeper, places: InstallPlaces): Promise<readonly string[]> {
  const { homeDirectory } = keeper;
  const unit = createUnit({ places, platform: process.platform, homeDirectory, person: "" });
  const units = removeUnit(unit);
  const links = listLinks(places);
  for (const link of links) rmSync(link);
  await removeVersions(places.root);
  return [...units, ...links, places.root];
}

function quotePath(path: string): string {
  return /^[\w/.~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
