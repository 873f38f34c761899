import { sizes } from "@rbee/contract";
import type { DevicesOnWire, DoctorFinding, GpuOnWire } from "@rbee/contract";

// Below these a person soon runs into INSUFFICIENT_DISK or INSUFFICIENT_RAM with common models.
const diskMbWanted = 5000;
const memoryMbWanted = 1000;

/** What a node's devices mean for somebody who wants to run models there. */
export function judgeDevices(devices: DevicesOnWire): DoctorFinding[] {
  return [judgeDisk(devices), judgeMemory(devices), ...judgeGpus(devices)];
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

function judgeGpus(devices: DevicesOnWire): DoctorFinding[] {
  if (devices.gpus.length === 0) {
    const found = "none found; models run on the CPU";
    return [{ check: "gpu", status: "ok", found, advice: null }];
  }
  return devices.gpus.map((gpu) => judgeGpu(gpu, devices));
}

// The driver answers, else the GPU would not be listed; the engine may still lack its build.
function judgeGpu(
  gpu: GpuOnWire,
  { backends, platform, architecture }: DevicesOnWire,
): DoctorFinding {
  const memory = `${toMb(gpu.memory_free_bytes)} of ${toMb(gpu.memory_total_bytes)} MB free`;
  const found = `${gpu.backend}:${gpu.index} ${gpu.name}, ${memory}`;
  if (backends.includes(gpu.backend)) return { check: "gpu", status: "ok", found, advice: null };
  const build = `@node-llama-cpp/${platform}-${architecture}-${gpu.backend}`;
  return {
    check: "gpu",
    status: "warning",
    found: `${found}; the engine has no ${gpu.backend} build here, so models run on the CPU`,
    advice: `Fetch the engine's build for it: ${build}`,
  };
}

function toMb(bytes: number): number {
  return Math.floor(bytes / sizes.bytesPerMb);
}
