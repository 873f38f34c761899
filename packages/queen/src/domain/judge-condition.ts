import { compareVersions, isCompatibleVersion, sizes } from "@rbee/contract";
import type { DoctorFinding } from "@rbee/contract";
import { judgeCards } from "./judge-cards.ts";
import type { NodeCondition } from "./node-condition.ts";

export interface ConditionInput {
  readonly node: string;
  readonly condition: NodeCondition;
  /** Of the queen, which the program there has to match. */
  readonly version: string;
  /** This machine's clock right before and after the look. */
  readonly clockBetweenMs: readonly [number, number];
}

/** What the condition of a machine means for somebody who wants to run models there. */
export function judgeCondition(input: ConditionInput): DoctorFinding[] {
  return [
    judgePlatform(input),
    judgeProgram(input),
    judgeHome(input),
    judgeDisk(input),
    judgeMemory(input),
    judgeClock(input),
    judgeLeftovers(input),
    judgePort(input),
    judgeKey(input),
    ...judgeCards(input.condition),
  ].filter((finding) => finding !== undefined);
}

const systems: ReadonlySet<string> = new Set(["Linux", "Darwin"]);
const machines: ReadonlySet<string> = new Set(["x86_64", "amd64", "aarch64", "arm64"]);

function judgePlatform({ condition }: ConditionInput): DoctorFinding {
  const check = "system";
  const found = `${condition.system} on ${condition.machine}`;
  if (systems.has(condition.system) && machines.has(condition.machine)) return ok(check, found);
  const advice = "rbee runs on Linux and macOS, on x86-64 and ARM64.";
  return { check, status: "problem", found: `${found}: rbee has no build for it`, advice };
}

function judgeProgram({ node, condition, version }: ConditionInput): DoctorFinding {
  const check = "rbee there";
  const { program, programAnswer: answer, isProgramBlocked } = condition;
  const advice = `rbee-keeper setup install --node ${node}`;
  if (isProgramBlocked) {
    return { check, status: "problem", found: `${program} cannot be run`, advice };
  }
  if (answer === undefined) {
    return { check, status: "problem", found: `not installed: there is no ${program}`, advice };
  }
  const theirs = /^\d+\.\d+\.\d+\S*$/.exec(answer)?.[0];
  if (theirs === undefined) {
    const found = `${program} does not run: ${answer || "it says nothing"}`;
    return { check, status: "problem", found, advice };
  }
  if (isCompatibleVersion(theirs, version)) return ok(check, `v${theirs} (${program})`);
  const isOlder = compareVersions(theirs, version) < 0;
  const found = `v${theirs} is ${isOlder ? "older" : "newer"} than the queen's v${version}`;
  const newer = `Upgrade this machine to v${theirs}, or put its version there: ${advice}`;
  return { check, status: "problem", found, advice: isOlder ? advice : newer };
}

function judgeHome({ condition }: ConditionInput): DoctorFinding | undefined {
  const { unwritable } = condition;
  if (unwritable === undefined) return undefined;
  return {
    check: "home",
    status: "problem",
    found: `${unwritable} cannot be written`,
    advice: `On that machine: sudo chown "$USER" ${unwritable}; is its disk mounted read-only?`,
  };
}

const diskMbNeeded = 500;
const diskMbWanted = 5000;

function judgeDisk({ node, condition }: ConditionInput): DoctorFinding | undefined {
  const { diskFreeBytes } = condition;
  if (diskFreeBytes === undefined) return undefined;
  const freeMb = Math.floor(diskFreeBytes / sizes.bytesPerMb);
  const found = `${freeMb} MB free in the home folder`;
  if (freeMb >= diskMbWanted) return ok("disk", found);
  const status = freeMb < diskMbNeeded ? "problem" : "warning";
  const advice = `Free some space: rbee-keeper models list --node ${node}, then models rm <model>`;
  return { check: "disk", status, found, advice };
}

const memoryMbWanted = 1000;

function judgeMemory({ node, condition }: ConditionInput): DoctorFinding | undefined {
  const { memoryFreeBytes, memoryTotalBytes } = condition;
  if (memoryFreeBytes === undefined || memoryTotalBytes === undefined) return undefined;
  const [freeMb = 0, totalMb = 0] = [memoryFreeBytes, memoryTotalBytes].map((bytes) =>
    Math.floor(bytes / sizes.bytesPerMb),
  );
  const found = `${freeMb} of ${totalMb} MB available`;
  if (freeMb >= memoryMbWanted) return ok("memory", found);
  const advice = `Close other programs there, or stop workers: rbee-keeper workers list --node ${node}`;
  return { check: "memory", status: "warning", found, advice };
}

// Deadlines travel as times of day: a clock this wrong ends requests early, or never.
const skewSecondsNoticed = 5;
const skewSecondsMax = 60;

function judgeClock({ condition, clockBetweenMs }: ConditionInput): DoctorFinding | undefined {
  const { clockUnix, system } = condition;
  if (clockUnix === undefined) return undefined;
  const skew = skewSeconds(clockUnix, clockBetweenMs);
  if (Math.abs(skew) < skewSecondsNoticed) return ok("clock", "agrees with this machine's");
  return {
    check: "clock",
    status: Math.abs(skew) > skewSecondsMax ? "problem" : "warning",
    found: `${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} this machine's`,
    advice:
      system === "Darwin"
        ? "On that machine: sudo sntp -sS time.apple.com"
        : "On that machine: sudo timedatectl set-ntp true",
  };
}

// The answer was given somewhere between the two; it counts whole seconds.
function skewSeconds(clockUnix: number, [beforeMs, afterMs]: readonly [number, number]): number {
  const [earliest, latest] = [Math.floor(beforeMs / 1000), Math.floor(afterMs / 1000)];
  if (clockUnix < earliest) return clockUnix - earliest;
  return clockUnix > latest ? clockUnix - latest : 0;
}

function judgeLeftovers({ condition }: ConditionInput): DoctorFinding | undefined {
  const { hivePid, isHiveAlive } = condition;
  if (hivePid === undefined || isHiveAlive) return undefined;
  return {
    check: "leftovers",
    status: "warning",
    found: `run/hive.pid names process ${hivePid}, which is gone: the hive did not end by itself`,
    advice: "Its log says more; the next start replaces the file.",
  };
}

// A hive of this account writes its process down; whoever listens there without that is not ours.
function judgePort({ condition }: ConditionInput): DoctorFinding | undefined {
  if (!condition.isPortTaken || condition.isHiveAlive) return undefined;
  return {
    check: "port",
    status: "warning",
    found: "something listens on the hive's port there that is no hive of this account",
    advice: "Choose another port in that machine's ~/.config/rbee/config.toml: [hive] port",
  };
}

function judgeKey({ node, condition }: ConditionInput): DoctorFinding | undefined {
  const { keyMode } = condition;
  if (keyMode === undefined || /^-..[x-]-{6}$/.test(keyMode)) return undefined;
  return {
    check: "key",
    status: "problem",
    found: `~/.rbee/keys/hive.key has mode ${keyMode}: the hive refuses to start with it`,
    advice: `On ${node}: chmod 600 ~/.rbee/keys/hive.key`,
  };
}

function ok(check: string, found: string): DoctorFinding {
  return { check, status: "ok", found, advice: null };
}
