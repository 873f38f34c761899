import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { DoctorFinding } from "@rbee/contract";
import type { Environment } from "../keeper.ts";

const nodeMajorMin = 24;

export function checkNode(version: string): DoctorFinding {
  const isEnough = Number(version.split(".")[0]) >= nodeMajorMin;
  return {
    check: "Node.js",
    status: isEnough ? "ok" : "problem",
    found: `v${version}`,
    advice: isEnough
      ? null
      : `Node.js ${nodeMajorMin} or newer is needed; ./rbee installs its own and uses it`,
  };
}

/** The system's SSH client; needed only for other machines. */
export function checkSsh(environment: Environment): DoctorFinding {
  const path = findProgram("ssh", environment["PATH"] ?? "");
  return {
    check: "SSH client",
    status: path === undefined ? "warning" : "ok",
    found: path ?? "no ssh in PATH",
    advice: path === undefined ? "Other machines need it: install openssh-client (OpenSSH)." : null,
  };
}

function findProgram(name: string, path: string): string | undefined {
  const candidates = path.split(delimiter).filter((folder) => folder !== "");
  return candidates.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}
