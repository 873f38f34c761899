import { totalmem } from "node:os";
import { errorEntry, isCompatibleVersion, RbeeError, sizes } from "@rbee/contract";
import type { DoctorFinding, QueenHealth } from "@rbee/contract";
import type { Configuration, Environment } from "../keeper.ts";
import { formatBytes } from "../output/figures.ts";
import type { QueenProbe } from "../probe-queen.ts";
import { isLoopbackUrl } from "../queen-url.ts";
import { checkBundledModel, checkDisk, checkHome, checkKeys } from "./check-files.ts";
import { checkGpu } from "./check-gpu.ts";
import { checkHivePort } from "./check-hive-port.ts";
import { checkLeftovers } from "./check-leftovers.ts";
import { checkPath } from "./check-path.ts";
import { checkNode, checkSsh } from "./check-programs.ts";
import { checkSshFiles } from "./check-ssh-files.ts";

export interface MachineInput {
  readonly environment: Environment;
  /** Undefined with `configurationError` set: the rest is checked all the same. */
  readonly configuration: Configuration | undefined;
  readonly configurationError: unknown;
  readonly probe: QueenProbe | undefined;
}

/** What can be seen on this machine without asking any program of ours but the queen's health. */
export async function checkMachine(input: MachineInput): Promise<readonly DoctorFinding[]> {
  const { environment, configuration, probe } = input;
  return [
    checkNode(process.versions.node),
    checkConfiguration(input),
    ...(configuration === undefined ? [] : await checkConfigured(configuration)),
    ...(configuration === undefined || probe === undefined
      ? []
      : [checkQueen(configuration, probe)]),
    ...(configuration === undefined ? [] : [await checkHivePort(configuration)]),
    checkMemory(),
    ...checkPath(environment),
    checkSsh(environment),
    ...checkSshFiles(environment),
  ];
}

async function checkConfigured(configuration: Configuration): Promise<readonly DoctorFinding[]> {
  const { paths, installation } = configuration;
  return [
    checkHome(paths.home),
    ...checkKeys(configuration),
    await checkDisk(paths.models),
    checkBundledModel(installation.models),
    checkGpu({
      platform: process.platform,
      architecture: process.arch,
      root: installation.root,
      systemRoot: "/",
    }),
    ...checkLeftovers(paths.run),
  ];
}

function checkConfiguration({ configuration, configurationError }: MachineInput): DoctorFinding {
  const check = "Configuration";
  if (configuration !== undefined) {
    const found = configuration.file ?? "no file; the defaults apply";
    return { check, status: "ok", found, advice: null };
  }
  if (!RbeeError.is(configurationError)) throw configurationError;
  const { explain, hint } = errorEntry(configurationError.code);
  const found = (explain?.(configurationError.details) ?? []).join("\n");
  const advice = hint(configurationError.details).join("\n");
  return { check, status: "problem", found: found || configurationError.message, advice };
}

function checkQueen(configuration: Configuration, probe: QueenProbe): DoctorFinding {
  const check = "Queen";
  const { queenUrl } = configuration;
  switch (probe.state) {
    case "queen":
      return checkRunningQueen(configuration, probe.health);
    case "absent": {
      if (isLoopbackUrl(queenUrl)) {
        const found = `not running; ${queenUrl} is free and she is started when needed`;
        return { check, status: "ok", found, advice: null };
      }
      const advice = "Start it on that machine: rbee-keeper queen start";
      return { check, status: "problem", found: `nothing answers at ${queenUrl}`, advice };
    }
    case "foreign": {
      const found = `another program answers at ${queenUrl}: ${probe.found}`;
      const advice = "Choose another port: [queen] port, [keeper] queen_url in the configuration.";
      return { check, status: "problem", found, advice };
    }
    default: {
      const advice = "Is the address right, and does a firewall let it through?";
      return { check, status: "problem", found: `${queenUrl}: ${probe.reason}`, advice };
    }
  }
}

function checkRunningQueen(
  { queenUrl, installation }: Configuration,
  { version, pid }: QueenHealth,
): DoctorFinding {
  const check = "Queen";
  const found = `v${version} answers at ${queenUrl} (process ${pid})`;
  if (isCompatibleVersion(installation.version, version)) {
    return { check, status: "ok", found, advice: null };
  }
  const advice = "Run her from the same version: rbee-keeper queen stop, then queen start";
  return { check, status: "problem", found: `${found}, this is v${installation.version}`, advice };
}

const memoryLowBytes = 512 * sizes.bytesPerMb;

function checkMemory(): DoctorFinding {
  const available = process.availableMemory();
  const found = `${formatBytes(available)} available of ${formatBytes(totalmem())}`;
  const isLow = available < memoryLowBytes;
  const advice = "Close something, or use a small model; rbee-keeper workers list shows ours.";
  return {
    check: "Memory",
    status: isLow ? "warning" : "ok",
    found,
    advice: isLow ? advice : null,
  };
}
