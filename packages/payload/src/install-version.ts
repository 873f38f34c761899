import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { localNodeName, RbeeError } from "@rbee/contract";
import { copyVersion } from "./copy-version.ts";
import { launchers } from "./render-launcher.ts";
import type { Payload } from "./payload.ts";
import { isPlaced, moveInto } from "./unpack/place-version.ts";
import { pruneVersions } from "./unpack/prune-versions.ts";
import { findCurrent, switchTo } from "./unpack/switch-version.ts";
import { tryProgram } from "./unpack/try-program.ts";
import { requireRoom, translateObstacle } from "./translate-obstacle.ts";
import { describeFailure } from "./unpack/unpack-failure.ts";
import { stagingFolderName } from "./unpack/unpack-protocol.ts";
import { withLock } from "./with-lock.ts";

export interface InstallInput {
  readonly payload: Payload;
  /** The folder with `versions/` and `current`. */
  readonly root: string;
  readonly onStep: (step: "copying" | "trying") => void;
  /** The rest of the installation; when it throws, what was in use before is in use again. */
  readonly complete: () => Promise<void>;
  readonly signal: AbortSignal;
}

export interface InstalledVersion {
  /** It was in use already, with nothing missing or changed. */
  readonly isUnchanged: boolean;
  /** The folder that was in use before. */
  readonly previous: string | undefined;
  /** Folders of older versions that are gone now. */
  readonly pruned: readonly string[];
}

/**
 * Puts a payload into `<root>/versions/` and into use on this machine. A failure leaves what was in
 * use before, and nothing of the new version. Throws INSTALL_FAILED, INSUFFICIENT_DISK,
 * PERMISSION_DENIED, and what `complete` throws.
 */
export async function installVersion(input: InstallInput): Promise<InstalledVersion> {
  const { root, signal } = input;
  try {
    await mkdir(join(root, "versions"), { recursive: true, mode: 0o755 });
    return await withLock(join(root, ".rbee-install"), signal, async () => {
      const staging = join(root, stagingFolderName);
      try {
        await mkdir(staging, { recursive: true });
        return await placeAndSwitch(input, staging);
      } finally {
        await rm(staging, { recursive: true, force: true });
      }
    });
  } catch (error) {
    signal.throwIfAborted();
    throw RbeeError.is(error) ? error : await translateFailure(error, input);
  }
}

async function placeAndSwitch(input: InstallInput, staging: string): Promise<InstalledVersion> {
  const { payload, root, complete } = input;
  const versions = join(root, "versions");
  const folder = join(versions, payload.name);
  const previous = findCurrent(root);
  const isWhole = isPlaced(folder, payload.files);
  if (!isWhole) await placeVersion(input, staging, folder);
  if (previous !== payload.name) switchTo(root, payload.name, staging);
  try {
    await complete();
  } catch (error) {
    if (previous !== payload.name) {
      switchTo(root, previous, staging);
      if (!isWhole) await rm(folder, { recursive: true, force: true });
    }
    throw error;
  }
  const keep = [payload.name, ...(previous === undefined ? [] : [previous])];
  const pruned = previous === payload.name ? [] : pruneVersions(versions, keep);
  return { isUnchanged: isWhole && previous === payload.name, previous, pruned };
}

async function placeVersion(input: InstallInput, staging: string, folder: string): Promise<void> {
  const { payload, root, onStep, signal } = input;
  await requireRoom({ folder: root, sizeBytes: payload.sizeBytes });
  onStep("copying");
  const made = join(staging, "tree");
  await copyVersion(payload, made, signal);
  if (!isPlaced(made, payload.files)) {
    throw installFailed("copying", `The files in ${payload.root} changed meanwhile.`);
  }
  onStep("trying");
  const programs = Object.keys(launchers).map((name) => join(made, "bin", name));
  await Promise.all(programs.map((program) => requireAnswer(program, payload.version)));
  moveInto(made, folder, join(staging, "aside"));
}

/** Throws INSTALL_FAILED unless the program runs and says that it is this version. */
export async function requireAnswer(program: string, version: string): Promise<void> {
  const { answer, failure } = await tryProgram(program);
  if (failure === undefined && answer.includes(version)) return;
  const why = failure ?? `it is not version ${version}`;
  const reason = `${program} --version does not work: ${why}`;
  throw installFailed("trying the programs", reason, answer.split("\n").slice(-5));
}

async function translateFailure(error: unknown, input: InstallInput): Promise<RbeeError> {
  const { root, payload } = input;
  const obstacle = await translateObstacle(error, { folder: root, sizeBytes: payload.sizeBytes });
  if (obstacle !== undefined) return obstacle;
  const { step, reason } = describeFailure(error, "copying");
  const details = { node: localNodeName, step, reason, last_lines: [] };
  return new RbeeError("INSTALL_FAILED", details, { cause: error });
}

function installFailed(step: string, reason: string, lines: readonly string[] = []): RbeeError {
  const details = { node: localNodeName, step, reason, last_lines: [...lines] };
  return new RbeeError("INSTALL_FAILED", details);
}
