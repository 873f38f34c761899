import { RbeeError } from "@rbee/contract";
import type { DoctorFinding } from "@rbee/contract";
import { judgeDevices } from "../domain/judge-devices.ts";
import { judgeFailure } from "../domain/judge-failure.ts";
import type { NodeAccess } from "../ports.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { hopOf, quietErrand } from "./request-story.ts";

/** Looks at what a first-time user gets wrong, from the queen's side; the hive is tried out. */
export function getDoctor(world: HttpWorld): QueenHandler<"doctor"> {
  return async (call) => {
    const node = world.nodes.require(call.query.node);
    const seen = await world.nodeDoctor.examine(node, quietErrand(call, world.logger));
    const { hive, isReachable } = seen.canHaveHive
      ? await tryHive(world, call, node)
      : await lookForHive(world, node);
    return {
      node: node.name,
      findings: [
        queenFinding(world),
        ...waitingFindings(world),
        ...seen.findings,
        hive,
        ...(isReachable ? await world.nodeDoctor.examineWay(node) : []),
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

// Configured since she started, and not in force.
function waitingFindings({ settings }: HttpWorld): DoctorFinding[] {
  const waiting = settings().settings.filter(({ after_restart: next }) => next !== undefined);
  if (waiting.length === 0) return [];
  const changes = waiting.map(
    ({ name, after_restart: next }) => `${name} = ${JSON.stringify(next)}`,
  );
  const found = `waits for a restart of the queen: ${changes.join(", ")}`;
  const advice = "rbee-keeper queen restart";
  return [{ check: "configuration", status: "warning", found, advice }];
}

interface HiveExamination {
  readonly hive: DoctorFinding;
  readonly isReachable: boolean;
}

async function tryHive(
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

// It cannot be started from here now; it may run all the same.
async function lookForHive({ hives }: HttpWorld, node: NodeAccess): Promise<HiveExamination> {
  const health = await hives.findHealth(node);
  const check = "hive";
  if (health === undefined) {
    const found = "not running, and not started: what stands above comes first";
    return { hive: { check, status: "warning", found, advice: null }, isReachable: false };
  }
  const found = `rbee-hive v${health.version} runs, but the queen could not start it again`;
  return { hive: { check, status: "warning", found, advice: null }, isReachable: false };
}

async function examineDevices(
  { hives }: HttpWorld,
  call: DoctorCall,
  node: NodeAccess,
): Promise<DoctorFinding[]> {
  try {
    const devices = await hives.client(node, hopOf(call)).call("devices");
    // Disk and memory of another machine were looked at over SSH already.
    const remoteNode = node.isLocal ? undefined : node.name;
    return judgeDevices(devices, remoteNode).filter(({ check }) => node.isLocal || check === "gpu");
  } catch (error) {
    return [problem("devices", error)];
  }
}

function problem(check: string, error: unknown): DoctorFinding {
  if (!RbeeError.is(error)) throw error;
  return judgeFailure(check, error);
}
