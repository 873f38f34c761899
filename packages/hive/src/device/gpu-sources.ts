import { totalmem } from "node:os";
import type { BackendName } from "@rbee/contract";
import type { GpuReading } from "./gpu-reading.ts";
import { amdSmiMetricArguments, amdSmiStaticArguments, parseAmdSmi } from "./parse-amd-smi.ts";
import { nvidiaSmiArguments, parseNvidiaSmi } from "./parse-nvidia-smi.ts";
import { parseRocmSmi, rocmSmiArguments } from "./parse-rocm-smi.ts";
import { parseSystemProfiler, systemProfilerArguments } from "./parse-system-profiler.ts";
import {
  parseVulkanMemory,
  parseVulkanSummary,
  vulkanSummaryArguments,
} from "./parse-vulkaninfo.ts";
import { sizes } from "@rbee/contract";
import { runTool } from "./run-tool.ts";
import type { ToolResult } from "./run-tool.ts";

/** What a source found; undefined when its tool is not on this machine. */
export type GpuFinding =
  | { readonly gpus: readonly GpuReading[]; readonly problem?: string }
  | undefined;

/** One way to learn of GPUs. */
export interface GpuSource {
  readonly tool: string;
  readonly backend: BackendName;
  readonly read: (signal: AbortSignal) => Promise<GpuFinding>;
}

const systemProfiler = "/usr/sbin/system_profiler";

/** The sources that a machine of this platform may have. */
export function listGpuSources(platform: NodeJS.Platform): readonly GpuSource[] {
  if (platform === "darwin") {
    return [{ tool: systemProfiler, backend: "metal", read: readApple }];
  }
  return [
    { tool: "nvidia-smi", backend: "cuda", read: readNvidia },
    { tool: "rocm-smi", backend: "rocm", read: readAmd },
    { tool: "vulkaninfo", backend: "vulkan", read: readVulkan },
  ];
}

async function readNvidia(signal: AbortSignal): Promise<GpuFinding> {
  const result = await runTool("nvidia-smi", nvidiaSmiArguments, signal);
  return parseResult(result, (stdout) => parseNvidiaSmi(stdout));
}

async function readApple(signal: AbortSignal): Promise<GpuFinding> {
  const [displays, limit] = await Promise.all([
    runTool(systemProfiler, systemProfilerArguments, signal),
    runTool("/usr/sbin/sysctl", ["-n", "iogpu.wired_limit_mb"], signal),
  ]);
  const wiredMb = limit.status === "done" ? Number(limit.stdout) : 0;
  const memory = {
    totalBytes: totalmem(),
    // Zero: nobody has set one.
    ...(wiredMb > 0 ? { wiredLimitBytes: wiredMb * sizes.bytesPerMb } : {}),
  };
  return parseResult(displays, (stdout) => parseSystemProfiler(stdout, memory));
}

// amd-smi takes the place of rocm-smi on newer machines.
async function readAmd(signal: AbortSignal): Promise<GpuFinding> {
  const old = await runTool("rocm-smi", rocmSmiArguments, signal);
  if (old.status === "done") return parseResult(old, (stdout) => parseRocmSmi(stdout));
  const names = await runTool("amd-smi", amdSmiStaticArguments, signal);
  if (names.status !== "done") {
    return parseResult(names.status === "absent" ? old : names, () => []);
  }
  const metrics = await runTool("amd-smi", amdSmiMetricArguments, signal);
  return parseResult(metrics, (stdout) => parseAmdSmi(stdout, names.stdout));
}

// The summary is quick and names the devices; only the long answer has their memory.
async function readVulkan(signal: AbortSignal): Promise<GpuFinding> {
  const summary = await runTool("vulkaninfo", vulkanSummaryArguments, signal);
  if (summary.status !== "done") return parseResult(summary, () => []);
  const devices = parseVulkanSummary(summary.stdout);
  if (devices.length === 0) return { gpus: [] };
  const full = await runTool("vulkaninfo", [], signal);
  return parseResult(full, (stdout) => parseVulkanMemory(stdout, devices));
}

function parseResult(
  result: ToolResult,
  parse: (stdout: string) => readonly GpuReading[],
): GpuFinding {
  if (result.status === "absent") return undefined;
  if (result.status === "failed") return { gpus: [], problem: result.problem };
  try {
    return { gpus: parse(result.stdout) };
  } catch (error) {
    return { gpus: [], problem: `its answer cannot be read: ${String(error)}` };
  }
}
