import { compareVersions, isCompatibleVersion } from "@rbee/contract";

export interface Upgrade {
  readonly program: string;
  readonly to: string;
  readonly command: string;
}

export interface VersionQuestion {
  readonly queenVersion: string;
  readonly hiveVersion: string;
  readonly node: string;
  readonly isLocal: boolean;
}

/** What must be upgraded before queen and hive understand each other; undefined when they do. */
export function judgeVersion(question: VersionQuestion): Upgrade | undefined {
  const { queenVersion, hiveVersion, node, isLocal } = question;
  if (isCompatibleVersion(queenVersion, hiveVersion)) return undefined;
  // 1. The hive is newer: the programs of the control node are upgraded, all of them together.
  if (compareVersions(queenVersion, hiveVersion) < 0) {
    const command = `git fetch --tags && git checkout v${hiveVersion} && ./rbee queen stop`;
    return { program: "rbee-keeper", to: hiveVersion, command };
  }
  // 2. An older hive on this machine still runs from before an upgrade: a restart is enough.
  // 3. An older hive elsewhere gets the programs of this control node.
  const command = isLocal
    ? "rbee-keeper hive restart"
    : `rbee-keeper setup install --node ${node} && rbee-keeper hive restart --node ${node}`;
  return { program: "rbee-hive", to: queenVersion, command };
}

export interface OwnerQuestion {
  readonly instanceId: string;
  readonly startedBy: string;
  /** The name that the hive was given by whoever started it. */
  readonly nodeThere: string;
  readonly node: string;
}

/**
 * Whose hive it is. A hive of an operator is for everybody; one that this queen started under
 * another name belongs to another node, which the same address leads to.
 */
export function judgeOwner(question: OwnerQuestion): "usable" | "taken" | "elsewhere" {
  const { instanceId, startedBy, nodeThere, node } = question;
  if (startedBy === operator) return "usable";
  if (startedBy !== instanceId) return "taken";
  return nodeThere === node ? "usable" : "elsewhere";
}

const operator = "operator";
