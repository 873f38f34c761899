import { spawnSync } from "node:child_process";

/** Whether a shell of this machine finds a program of this name. */
export function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}
