/** Platforms that rbee can be put on. */
export const platformNames = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"] as const;
export type PlatformName = (typeof platformNames)[number];

/** Which of llama.cpp's builds a machine needs; `cpu` runs everywhere. */
export const gpuKinds = ["cpu", "cuda", "vulkan", "metal"] as const;
export type GpuKind = (typeof gpuKinds)[number];

const systems: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin" };
const machines: Readonly<Record<string, string>> = {
  x86_64: "x64",
  amd64: "x64",
  x64: "x64",
  aarch64: "arm64",
  arm64: "arm64",
};

/**
 * The platform of a machine that calls itself so: `uname -s` and `uname -m`, or Node's names.
 * Undefined when rbee does not run there.
 */
export function describePlatform(osName: string, machine: string): PlatformName | undefined {
  const system = systems[osName.trim().toLowerCase()];
  const processor = machines[machine.trim().toLowerCase()];
  return platformNames.find((name) => name === `${system}-${processor}`);
}
