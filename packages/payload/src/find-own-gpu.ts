import type { Installation } from "@rbee/settings";
import type { GpuKind, PlatformName } from "./describe-platform.ts";
import { findOwnPackage } from "./find-own-package.ts";
import { engineBuildParts, gpuKindsOf } from "./payload-parts.ts";

/** The kind of GPU that a copy of rbee can compute on: the last kind of which it has all builds. */
export function findOwnGpu({ root }: Installation, platform: PlatformName): GpuKind | undefined {
  return gpuKindsOf(platform).findLast((gpu) =>
    engineBuildParts(platform, gpu).every((part) => findOwnPackage(root, part) !== undefined),
  );
}
