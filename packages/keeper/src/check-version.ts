import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { compareVersions, isCompatibleVersion, RbeeError } from "@rbee/contract";
import type { Installation } from "@rbee/settings";

// Throws VERSION_MISMATCH with the command that upgrades the older side.
export function requireSameVersion(installation: Installation, queenVersion: string): void {
  const ours = installation.version;
  if (isCompatibleVersion(ours, queenVersion)) return;
  const isKeeperOlder = compareVersions(ours, queenVersion) < 0;
  throw new RbeeError("VERSION_MISMATCH", {
    ours: { program: "rbee-keeper", version: ours },
    theirs: { program: "queen-rbee", version: queenVersion },
    upgrade: isKeeperOlder
      ? {
          program: "rbee-keeper",
          to: queenVersion,
          command: upgradeCommand(installation, queenVersion),
        }
      : { program: "queen-rbee", to: ours, command: restartCommand },
  });
}

// The queen runs from the files that were there when it started: a restart takes the keeper's.
const restartCommand = "rbee-keeper queen stop && rbee-keeper queen start";

// The launcher installs what the new version needs when it runs next.
// The copy of rbee that this keeper belongs to, which is a clone or stands inside one.
function upgradeCommand({ root }: Installation, version: string): string {
  const folder = findClone(root) ?? root;
  return `cd ${folder} && git fetch --tags && git checkout v${version} && ./rbee --version`;
}

function findClone(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  return dirname(folder) === folder ? undefined : findClone(dirname(folder));
}
