import { isAbsolute } from "node:path/posix";
import { describePlatform, gpuKindsOf, platformNames } from "@rbee/payload";
import type { GpuKind, PlatformName } from "@rbee/payload";
import { RbeeError, timings } from "@rbee/contract";
import { probeScript } from "./node-scripts.ts";
import type { NodeShell } from "./node-shell.ts";

/** What a machine is, as far as it matters for what is sent there. */
export interface NodeFacts {
  /** Absolute. */
  readonly installPath: string;
  readonly platform: PlatformName;
  readonly gpu: GpuKind;
  /** What the choice of the GPU kind rests on, for a person. */
  readonly gpuReason: string;
  readonly bytesFree: number | undefined;
  /** The folder that may not be written to. */
  readonly unwritable: string | undefined;
  readonly hasGzip: boolean;
  /** A Node that is there already and can run our programs. */
  readonly runtime: string | undefined;
}

const probeTimeoutMs = timings.deviceToolTimeoutMs * 4;
const glibcMin = [2, 28] as const;

/** Throws PLATFORM_UNSUPPORTED. */
export async function probeNode(
  shell: NodeShell,
  node: { readonly name: string; readonly installPath: string },
): Promise<NodeFacts> {
  const { lines } = await shell.run(probeScript, {
    words: [node.installPath],
    timeoutMs: probeTimeoutMs,
  });
  return readFacts(node.name, lines);
}

/** What the lines of the probe say. */
export function readFacts(node: string, lines: readonly string[]): NodeFacts {
  const all = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const first = (key: string) => all(key)[0] ?? "";
  const platform = requirePlatform(node, {
    os: first("os"),
    machine: first("machine"),
    libc: first("libc"),
  });
  const installPath = first("path");
  if (!isAbsolute(installPath)) {
    throw new RbeeError("INVALID_RESPONSE", {
      from: `the shell of ${node}`,
      expected: "the absolute install path",
      found: lines.length === 0 ? "it said nothing" : `it said '${installPath}'`,
    });
  }
  const writable = first("writable");
  return {
    installPath,
    platform,
    ...chooseGpu(platform, { nvidia: all("nvidia"), vulkan: all("vulkan"), cards: all("card") }),
    bytesFree: readFreeBytes(first("disk")),
    unwritable: writable === "yes" || writable === "" ? undefined : writable,
    hasGzip: first("gzip") === "yes",
    runtime: readRuntime(first("runtime")),
  };
}

interface System {
  readonly os: string;
  readonly machine: string;
  readonly libc: string;
}

function requirePlatform(node: string, { os, machine, libc }: System): PlatformName {
  const refuse = (platform: string, reason: string): never => {
    const supported = platformNames.map(
      (name) => `${name}${name.startsWith("l") ? " (glibc)" : ""}`,
    );
    throw new RbeeError("PLATFORM_UNSUPPORTED", { node, platform, reason, supported });
  };
  const called = `${os || "an unknown system"} on ${machine || "an unknown machine"}`;
  const platform = describePlatform(os, machine);
  if (platform === undefined) return refuse(called, "There is no build of rbee for it.");
  if (!platform.startsWith("linux")) return platform;
  if (libc === "musl") {
    return refuse(`${called} with musl`, "Node.js and llama.cpp are built for glibc.");
  }
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(libc) ?? []).slice(1).map(Number);
  const isOld = major < glibcMin[0] || (major === glibcMin[0] && minor < glibcMin[1]);
  if (libc !== "" && isOld) {
    return refuse(`${called} with ${libc}`, `glibc ${glibcMin.join(".")} or newer is needed.`);
  }
  return platform;
}

interface Cards {
  readonly nvidia: readonly string[];
  readonly vulkan: readonly string[];
  /** PCI vendors of display adapters. */
  readonly cards: readonly string[];
}

const cardNames: Readonly<Record<string, string>> = { "0x10de": "NVIDIA", "0x1002": "AMD" };

function chooseGpu(platform: PlatformName, { nvidia, vulkan, cards }: Cards) {
  const kinds = gpuKindsOf(platform);
  const [basic = "cpu"] = kinds;
  if (kinds.includes("cuda") && nvidia.length > 0) {
    const [, name = "NVIDIA"] = /^GPU \d+: ([^(]+?)(?: \(|$)/.exec(nvidia[0] ?? "") ?? [];
    return { gpu: "cuda" as const, gpuReason: name };
  }
  const device = findVulkanDevice(vulkan);
  if (kinds.includes("vulkan") && device !== undefined) {
    return { gpu: "vulkan" as const, gpuReason: device };
  }
  if (basic === "metal") return { gpu: basic, gpuReason: "Apple GPU" };
  const idle = cards.map((vendor) => cardNames[vendor]).find((name) => name !== undefined);
  const gpuReason = idle === undefined ? "no GPU" : `${idle} card, but no driver that answers`;
  return { gpu: basic, gpuReason };
}

// `deviceType = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU` and, next, `deviceName = AMD Radeon ...`.
function findVulkanDevice(lines: readonly string[]): string | undefined {
  const type = lines.findIndex((line) => /^deviceType\b.*_(?:DISCRETE|INTEGRATED)_GPU/.test(line));
  if (type < 0) return undefined;
  return /^deviceName\s*=\s*(.+)$/.exec(lines[type + 1] ?? "")?.[1] ?? "Vulkan device";
}

// The last line of `df -Pk`: device, blocks, used, available, percent, mount point.
function readFreeBytes(line: string): number | undefined {
  const available = /\s(\d+)\s+-?\d+%\s/.exec(line)?.[1];
  return available === undefined ? undefined : Number(available) * 1024;
}

function readRuntime(line: string): string | undefined {
  const [, major = "0", path] = /^v(\d+)\.\S* (\/.*)$/.exec(line) ?? [];
  return Number(major) >= 24 ? path : undefined;
}
