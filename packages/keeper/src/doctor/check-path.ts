import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { DoctorFinding } from "@rbee/contract";
import type { Environment } from "../keeper.ts";

/** Installed launchers that the shell does not find. */
export function checkPath(environment: Environment): readonly DoctorFinding[] {
  const folder = join(environment["HOME"] ?? "", ".local/bin");
  if (!existsSync(folder) || !readdirSync(folder).includes("rbee-keeper")) return [];
  const check = "PATH";
  const folders = (environment["PATH"] ?? "").split(delimiter);
  if (folders.includes(folder)) {
    return [{ check, status: "ok", found: `${folder} is in PATH`, advice: null }];
  }
  const found = `rbee is installed in ${folder}, which is not in PATH`;
  const advice = `Add to your shell's profile: export PATH="${folder}:$PATH"`;
  return [{ check, status: "warning", found, advice }];
}
