import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DoctorFinding } from "@rbee/contract";
import { isProcessGone } from "../stop-queen.ts";

/** Files of programs that ended without being able to tidy up: killed, or the power went. */
export function checkLeftovers(runFolder: string): readonly DoctorFinding[] {
  const names = existsSync(runFolder) ? readdirSync(runFolder) : [];
  return names.filter((name) => name.endsWith(".pid")).flatMap((name) => check(runFolder, name));
}

function check(runFolder: string, name: string): DoctorFinding[] {
  const path = join(runFolder, name);
  const text = readFileSync(path, "utf8").trim();
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  if (pid !== undefined && !isProcessGone(pid)) return [];
  const program = name === "queen.pid" ? "queen-rbee" : "rbee-hive";
  const found =
    pid === undefined
      ? `${path} names no process`
      : `${path} names process ${pid}, which is gone: ${program} did not end by itself`;
  const advice = `rm ${path}\nIts log says more: rbee-keeper logs`;
  return [{ check: "Leftovers", status: "warning", found, advice }];
}
