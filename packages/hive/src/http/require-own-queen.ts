import { RbeeError } from "@rbee/contract";
import type { HttpWorld } from "./http-world.ts";

/**
 * Two queens for one hive would each give away the same slots, and stop it under the other. Throws
 * HIVE_TAKEN; the hive of an operator is for every queen.
 */
export function requireOwnQueen(
  { identity, lease }: Pick<HttpWorld, "identity" | "lease">,
  queen: string,
): void {
  const { node, startedBy: started_by } = identity;
  const held = lease.read();
  if (held === undefined || queen === started_by) return;
  const lease_left_s = held.leftMs === null ? null : held.leftMs / 1000;
  throw new RbeeError("HIVE_TAKEN", { node, host: node, started_by, lease_left_s });
}
