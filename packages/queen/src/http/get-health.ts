import { apiVersion } from "@rbee/contract";
import type { HttpWorld, QueenHandler } from "./http-world.ts";

export function getHealth({ identity }: HttpWorld): QueenHandler<"health"> {
  return () => ({
    status: "ok",
    version: identity.version,
    api_version: apiVersion,
    uptime_s: Math.round((Date.now() - identity.startedAtMs) / 100) / 10,
    program: "queen-rbee",
    instance_id: identity.instanceId,
    pid: identity.pid,
  });
}
