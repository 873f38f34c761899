import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bundledModelReference, RbeeError, sizes } from "@rbee/contract";
import type { DoctorFinding } from "@rbee/contract";
import { readSecretFile } from "@rbee/settings";
import type { Configuration } from "../keeper.ts";
import { formatBytes } from "../output/figures.ts";

const groupAndOthers = 0o077;

/** The folder with databases, keys and logs: only its owner should see into it. */
export function checkHome(home: string): DoctorFinding {
  const check = "rbee's folder";
  if (!existsSync(home)) {
    return { check, status: "ok", found: `${home} is made when needed`, advice: null };
  }
  const { mode } = statSync(home);
  const octal = (mode & 0o777).toString(8);
  if (!isWritable(home)) {
    const advice = `Make it yours: sudo chown -R "$USER" ${home}`;
    return { check, status: "problem", found: `${home} cannot be written`, advice };
  }
  if ((mode & groupAndOthers) !== 0) {
    const found = `${home} has mode ${octal}; others can look into it`;
    return { check, status: "warning", found, advice: `chmod 700 ${home}` };
  }
  return { check, status: "ok", found: `${home} (mode ${octal})`, advice: null };
}

export function checkKeys({ paths, keyFile }: Configuration): readonly DoctorFinding[] {
  const inFolder = existsSync(paths.keys)
    ? readdirSync(paths.keys).map((name) => join(paths.keys, name))
    : [];
  const files = new Set([...inFolder, ...(keyFile === undefined ? [] : [keyFile])]);
  return [...files].map((path): DoctorFinding => {
    const check = "Key file";
    try {
      readSecretFile(path);
      return { check, status: "ok", found: path, advice: null };
    } catch (error) {
      const reason = RbeeError.is(error, "INSECURE_SECRET") ? error.details.reason : "is unusable";
      const advice = `chmod 600 ${path}; it must hold one line`;
      return { check, status: "problem", found: `${path} ${reason}`, advice };
    }
  });
}

const diskLowBytes = 5 * 1024 * sizes.bytesPerMb;
const diskProblemBytes = 200 * sizes.bytesPerMb;

export async function checkDisk(directory: string): Promise<DoctorFinding> {
  const place = nearestExisting(directory);
  const { bavail, bsize, blocks } = await statfs(place);
  const free = bavail * bsize;
  const found = `${formatBytes(free)} free of ${formatBytes(blocks * bsize)} (${place})`;
  const advice = "Models need room: rbee-keeper models list, rbee-keeper models rm <id>";
  if (free < diskProblemBytes) return { check: "Disk", status: "problem", found, advice };
  if (free < diskLowBytes) return { check: "Disk", status: "warning", found, advice };
  return { check: "Disk", status: "ok", found, advice: null };
}

export function checkBundledModel(modelsFolder: string): DoctorFinding {
  const folder = join(modelsFolder, bundledModelReference);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const isThere = names.some((name) => name.endsWith(".gguf"));
  return {
    check: "Bundled model",
    status: isThere ? "ok" : "problem",
    found: isThere ? bundledModelReference : `no model file in ${folder}`,
    advice: isThere ? null : "This copy of rbee is not complete; get it again.",
  };
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
