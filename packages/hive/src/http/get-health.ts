import { apiVersion } from "@rbee/contract";
import type { HiveHealth } from "@rbee/contract";
import type { LeaseState } from "../ports.ts";
import type { HiveHandler, HttpWorld } from "./http-world.ts";

export function getHealth({ identity, lease }: HttpWorld): HiveHandler<"health"> {
  return () => ({
    ...describeLease(lease.read()),
    status: "alive",
    version: identity.version,
    api_version: apiVersion,
    node: identity.node,
    started_by: identity.startedBy,
    instance_id: identity.instanceId,
    pid: identity.pid,
  });
}

function describeLease(lease: LeaseState | undefined): Pick<HiveHealth, "lease"> {
  if (lease === undefined) return {};
  const { isHeld: held, leftMs } = lease;
  return { lease: { held, left_s: leftMs === null ? null : leftMs / 1000 } };
}
