import { RbeeError } from "@rbee/contract";
import type { HiveHealth } from "@rbee/contract";
import { judgeOwner, judgeVersion } from "../domain/judge-hive.ts";
import type { NodeAccess } from "../ports.ts";

export interface QueenFacts {
  readonly version: string;
  readonly instanceId: string;
}

/** Throws VERSION_MISMATCH, HIVE_TAKEN, or INVALID_RESPONSE for the hive of another node. */
export function requireUsable(queen: QueenFacts, node: NodeAccess, health: HiveHealth): void {
  const problem = findMismatch(queen, node, health) ?? findOwnerProblem(queen, node, health);
  if (problem !== undefined) throw problem;
}

function findMismatch(
  { version: queenVersion }: QueenFacts,
  { isLocal, name }: NodeAccess,
  { version }: HiveHealth,
): RbeeError | undefined {
  const upgrade = judgeVersion({ queenVersion, hiveVersion: version, node: name, isLocal });
  if (upgrade === undefined) return undefined;
  return new RbeeError("VERSION_MISMATCH", {
    ours: { program: "queen-rbee", version: queenVersion },
    theirs: { program: "rbee-hive", version },
    node: name,
    upgrade,
  });
}

function findOwnerProblem(
  { instanceId }: QueenFacts,
  { name, hive }: NodeAccess,
  { started_by, node: nodeThere, lease }: HiveHealth,
): RbeeError | undefined {
  const owner = judgeOwner({ instanceId, startedBy: started_by, nodeThere, node: name });
  if (owner === "usable") return undefined;
  if (owner === "taken") {
    const lease_left_s = lease?.left_s ?? null;
    return new RbeeError("HIVE_TAKEN", { node: name, host: hive.host, started_by, lease_left_s });
  }
  return new RbeeError("INVALID_RESPONSE", {
    from: `The hive at ${hive.host}:${hive.port}`,
    expected: `the one of node '${name}'`,
    found: `it is the one of node '${nodeThere}'; both names lead to one machine`,
  });
}
