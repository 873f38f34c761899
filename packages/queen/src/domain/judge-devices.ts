import { sizes } from "@rbee/contract";
import type { DevicesOnWire, DoctorFinding, GpuOnWire } from "@rbee/contract";

// Below these a person soon runs into INSUFFICIENT_DISK or INSUFFICIENT_RAM with common models.
const diskMbWanted = 5000;
const memoryMbWanted = 1000;

/** What devices mean for somebody who wants to run models there; of this machine, or of a node. */
export function judgeDevices(devices: DevicesOnWire, remoteNode?: string): DoctorFinding[] {
  return [judgeDisk(devices), judgeMemory(devices), ...judgeGpus(devices, remoteNode)];
}

function judgeDisk({ disk }: DevicesOnWire): DoctorFinding {
  const freeMb = toMb(disk.available_bytes);
  const found = `${freeMb} MB free for models in ${disk.path}`;
  if (freeMb >= diskMbWanted) return { check: "disk", status: "ok", found, advice: null };
  const advice = "Free some space, or choose another place: [hive] models_dir; models rm <model>";
  return { check: "disk", status: "warning", found, advice };
}

function judgeMemory({ ram }: DevicesOnWire): DoctorFinding {
  const freeMb = toMb(ram.available_bytes);
  const limit = ram.limit_bytes === undefined ? "" : `, limited to ${toMb(ram.limit_bytes)} MB`;
  const found = `${freeMb} of ${toMb(ram.total_bytes)} MB available${limit}`;
  if (freeMb >= memoryMbWanted) return { check: "memory", status: "ok", found, advice: null };
  const advice = "Close other programs, or stop workers: rbee-keeper workers list";
  return { check: "memory", status: "warning", found, advice };
}

function judgeGpus(devices: DevicesOnWire, remoteNode: string | undefined): DoctorFinding[] {
  const { tool_problems: problems = [] } = devices;
  const gpus = devices.gpus.map((gpu) => judgeGpu(gpu, devices, remoteNode));
  if (problems.length > 0) {
    return [...problems.map(judgeTool), ...gpus];
  }
  if (devices.gpus.length === 0) {
    const found = "none found; models run on the CPU";
    return [{ check: "gpu", status: "ok", found, advice: null }];
  }
  return gpus;
}

function judgeTool({ tool, problem }: { tool: string; problem: string }): DoctorFinding {
  return {
    check: "gpu",
    status: "warning",
    found: `${tool} fails, so its GPUs are not used: ${problem}`,
    advice: `Run ${tool} there by hand; after an update of the driver, restart the machine.`,
  };
}

// The driver answers, else the GPU would not be listed; the engine may still lack its build.
function judgeGpu(
  gpu: GpuOnWire,
  { backends, platform, architecture }: DevicesOnWire,
  remoteNode: string | undefined,
): DoctorFinding {
  const memory = `${toMb(gpu.memory_free_bytes)} of ${toMb(gpu.memory_total_bytes)} MB free`;
  const found = `${gpu.backend}:${gpu.index} ${gpu.name}, ${memory}`;
  if (backends.includes(gpu.backend)) return { check: "gpu", status: "ok", found, advice: null };
  const build = `@node-llama-cpp/${platform}-${architecture}-${gpu.backend}`;
  return {
    check: "gpu",
    status: "warning",
    found: `${found}; the engine has no ${gpu.backend} build here, so models run on the CPU`,
    advice:
      remoteNode === undefined
        ? `Fetch the engine's build for it: ${build}`
        : `Send the engine's build for it: rbee-keeper setup install --node ${remoteNode}`,
  };
}

function toMb(bytes: number): number {
  return Math.floor(bytes / sizes.bytesPerMb);
}
