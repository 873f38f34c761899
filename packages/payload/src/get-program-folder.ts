import { existsSync, statSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { RbeeError } from "@rbee/contract";
import type { Installation } from "@rbee/settings";
import { makeBundle } from "./make-bundle.ts";
import type { PayloadProgress } from "./payload.ts";
import type { PlatformName } from "./describe-platform.ts";
import { withLock } from "./with-lock.ts";

interface ProgramsInput {
  readonly installation: Installation;
  readonly platform: PlatformName;
  readonly cacheFolder: string;
  readonly onProgress: (progress: PayloadProgress) => void;
  readonly signal: AbortSignal;
}

/**
 * A folder with our programs as one file each. An installed copy and a fresh `dist/` are that
 * already; in a clone with newer sources the bundle is made, aside from `dist/`, from which programs
 * may be running.
 */
export async function getProgramFolder(input: ProgramsInput): Promise<string> {
  const { installation, cacheFolder, signal } = input;
  const { root } = installation;
  const isBundle = isBundleFolder(root);
  const clone = isBundle ? dirname(root) : root;
  const bundler = join(clone, "scripts/bundle.ts");
  if (!existsSync(bundler)) {
    if (isBundle) return root;
    const part = "rbee's programs";
    const reason = `${root} holds sources, and not scripts/bundle.ts, which makes programs of them`;
    throw new RbeeError("PAYLOAD_UNAVAILABLE", { platform: input.platform, part, reason });
  }
  const madeAt = await newestSource(clone);
  if (isBundle && isFresh(root, madeAt)) return root;
  const dist = join(clone, "dist");
  if (isFresh(dist, madeAt)) return dist;
  // Two clones of one person have bundles of their own.
  const name = createHash("sha256").update(clone).digest("hex").slice(0, 12);
  const folder = join(cacheFolder, "bundles", name);
  await withLock(folder, signal, async () => {
    if (isFresh(folder, madeAt)) return;
    input.onProgress(bundling);
    await rm(folder, { recursive: true, force: true });
    await makeBundle({ bundler, folder, platform: input.platform, signal });
  });
  return folder;
}

const bundling: PayloadProgress = {
  stage: "bundling",
  part: "rbee's programs",
  bytesDone: 0,
  bytesTotal: 0,
  bytesPerSecond: 0,
};

function isBundleFolder(folder: string): boolean {
  return existsSync(join(folder, "rbee-keeper.js"));
}

// The manifest is written last; a bundle without the licences was made by an older script.
function isFresh(folder: string, madeAt: number): boolean {
  const manifest = join(folder, "rbee.json");
  if (!isBundleFolder(folder) || !existsSync(manifest)) return false;
  return existsSync(join(folder, "NOTICE")) && statSync(manifest).mtimeMs >= madeAt;
}

async function newestSource(clone: string): Promise<number> {
  const packages = join(clone, "packages");
  const entries = await readdir(packages, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(?:ts|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("/node_modules/"));
  const times = [...files, join(clone, "rbee.json")].map((path) => statSync(path).mtimeMs);
  return Math.max(...times);
}
