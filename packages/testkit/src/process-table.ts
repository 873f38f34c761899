import { readdirSync, readFileSync } from "node:fs";
import type { ProgramName } from "@rbee/settings";

/** A process as the kernel shows it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** One letter: R running, S sleeping, T stopped, Z zombie. */
  readonly state: string;
  readonly command: string;
  /** Which of our programs it is, by the title it took or the file that it runs. */
  readonly program: ProgramName | undefined;
}

const programPatterns: readonly (readonly [ProgramName, RegExp])[] = [
  ["rbee-keeper", /rbee-keeper|keeper\/src/],
  ["queen-rbee", /queen-rbee|queen\/src/],
  ["rbee-hive", /rbee-hive|hive\/src/],
  ["llm-worker-rbee", /llm-worker-rbee|worker\/src|scripted-worker/],
];

/** All living processes whose environment has `RBEE_HOME` set to `rbeeHome`. */
export function listProcessesOf(rbeeHome: string): ProcessEntry[] {
  return listProcessesWith("RBEE_HOME", rbeeHome);
}

/** All living processes that have this variable with this value in their environment. */
export function listProcessesWith(name: string, value: string): ProcessEntry[] {
  const wanted = `${name}=${value}`;
  return listPids().flatMap((pid) => {
    if (pid === process.pid || !hasVariable(pid, wanted)) return [];
    const entry = findProcess(pid);
    return entry === undefined || entry.state === "Z" ? [] : [entry];
  });
}

/** Ids of the children of a process, of their children, and so on. */
export function listDescendants(ancestor: number): number[] {
  const entries = listPids().flatMap((pid) => findProcess(pid) ?? []);
  const family = new Set([ancestor]);
  const found: number[] = [];
  for (let before = -1; before !== found.length;) {
    before = found.length;
    for (const { pid, parentPid } of entries) {
      if (family.has(pid) || !family.has(parentPid)) continue;
      family.add(pid);
      found.push(pid);
    }
  }
  return found;
}

/** Processes that have ended and whose parent, one of `parents`, never waited for them. */
export function listZombiesOf(parents: readonly ProcessEntry[]): ProcessEntry[] {
  const parentPids = new Set(parents.map((parent) => parent.pid));
  return listPids().flatMap((pid) => {
    const entry = findProcess(pid);
    return entry?.state === "Z" && parentPids.has(entry.parentPid) ? [entry] : [];
  });
}

export function belongsTo(pid: number, rbeeHome: string): boolean {
  return hasVariable(pid, `RBEE_HOME=${rbeeHome}`);
}

function hasVariable(pid: number, wanted: string): boolean {
  return readProcFile(pid, "environ")?.split("\0").includes(wanted) ?? false;
}

/** The process, zombies included; undefined when there is none with this id. */
export function findProcess(pid: number): ProcessEntry | undefined {
  const status = readProcFile(pid, "stat");
  if (status === undefined) return undefined;
  // The name in parentheses may hold anything, so the fields are counted from its end.
  const [state = "?", parentPid = "0"] = status.slice(status.lastIndexOf(")") + 2).split(" ");
  const words = readProcFile(pid, "cmdline")?.replaceAll("\0", " ").trim() ?? "";
  // A zombie has no words any more, but still its name.
  const command = words === "" ? (status.slice(status.indexOf("(")).split(" ")[0] ?? "") : words;
  return { pid, parentPid: Number(parentPid), state, command, program: programOf(command) };
}

// The first words alone: later ones are arguments, and may name any file.
function programOf(command: string): ProgramName | undefined {
  const words = command.split(" ").slice(0, 3).join(" ");
  return programPatterns.find(([, pattern]) => pattern.test(words))?.[0];
}

export function isAlive(pid: number): boolean {
  const entry = findProcess(pid);
  return entry !== undefined && entry.state !== "Z";
}

/** Bytes in memory (VmRSS); undefined when the process is gone. */
export function findResidentBytes(pid: number): number | undefined {
  const line = readProcFile(pid, "status")?.match(/^VmRSS:\s+(\d+) kB$/m);
  return line?.[1] === undefined ? undefined : Number(line[1]) * 1024;
}

function listPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readProcFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    // It ended between the listing and the look, or belongs to somebody else.
    return undefined;
  }
}
