import { errorEntry, RbeeError } from "@rbee/contract";
import type { DoctorFinding } from "@rbee/contract";
import { judgeDevices } from "../domain/judge-devices.ts";
import type { NodeAccess } from "../ports.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { hopOf, quietErrand } from "./request-story.ts";

/** Looks at what a first-time user gets wrong, from the queen's side; the hive is tried out. */
export function getDoctor(world: HttpWorld): QueenHandler<"doctor"> {
  return async (call) => {
    const node = world.nodes.require(call.query.node);
    const { hive, isReachable } = await examineHive(world, call, node);
    return {
      node: node.name,
      findings: [
        queenFinding(world),
        hive,
        ...(isReachable ? await examineDevices(world, call, node) : []),
      ],
    };
  };
}

type DoctorCall = Parameters<QueenHandler<"doctor">>[0];

function queenFinding({ identity }: HttpWorld): DoctorFinding {
  const seconds = Math.round((Date.now() - identity.startedAtMs) / 1000);
  const found = `queen-rbee v${identity.version}, process ${identity.pid}, up for ${seconds} s`;
  return { check: "queen", status: "ok", found, advice: null };
}

interface HiveExamination {
  readonly hive: DoctorFinding;
  readonly isReachable: boolean;
}

async function examineHive(
  { hives, identity, logger }: HttpWorld,
  call: DoctorCall,
  node: NodeAccess,
): Promise<HiveExamination> {
  try {
    const health = await hives.ensure(node, quietErrand(call, logger));
    const owner = health.started_by === identity.instanceId ? "this queen" : health.started_by;
    const found = `rbee-hive v${health.version} on ${node.name}, started by ${owner}`;
    return { hive: { check: "hive", status: "ok", found, advice: null }, isReachable: true };
  } catch (error) {
    return { hive: problem("hive", error), isReachable: false };
  }
}

async function examineDevices(
  { hives }: HttpWorld,
  call: DoctorCall,
  node: NodeAccess,
): Promise<DoctorFinding[]> {
  try {
    return judgeDevices(await hives.client(node, hopOf(call)).call("devices"));
  } catch (error) {
    return [problem("devices", error)];
  }
}

function problem(check: string, error: unknown): DoctorFinding {
  if (!RbeeError.is(error)) throw error;
  const entry = errorEntry(error.code);
  const explained = entry.explain?.(error.details) ?? [];
  const advice = entry.hint(error.details).join("\n");
  return { check, status: "problem", found: [error.message, ...explained].join("\n"), advice };
}
