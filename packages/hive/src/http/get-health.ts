import { apiVersion } from "@rbee/contract";
import type { HiveHandler, HttpWorld } from "./http-world.ts";

export function getHealth({ identity }: HttpWorld): HiveHandler<"health"> {
  return () => ({
    status: "alive",
    version: identity.version,
    api_version: apiVersion,
    node: identity.node,
    started_by: identity.startedBy,
    instance_id: identity.instanceId,
    pid: identity.pid,
  });
}
