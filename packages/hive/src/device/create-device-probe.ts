import { availableParallelism, cpus } from "node:os";
import type { BackendName } from "@rbee/contract";
import type { Logger } from "@rbee/daemon";
import type { NodeDevices } from "../domain/node-devices.ts";
import type { DeviceProbe } from "../ports.ts";
import { completeGpu } from "./gpu-reading.ts";
import type { GpuReading } from "./gpu-reading.ts";
import type { GpuSource } from "./gpu-sources.ts";
import { readDisk } from "./read-disk.ts";
import { readRam } from "./read-ram.ts";

interface ProbeWorld {
  readonly sources: readonly GpuSource[];
  readonly modelsFolder: string;
  /** `hive.memory_limit_mb` in bytes. */
  readonly memoryLimitBytes: () => number | undefined;
  /** What the installed worker program can use. */
  readonly installedBackends: () => ReadonlySet<BackendName>;
  readonly logger: Logger;
}

/**
 * What this machine has. Nothing is looked at before the first question. Which tools are absent is
 * remembered for good, and so is what is wrong with a broken one, so that it is logged once.
 */
export function createDeviceProbe(world: ProbeWorld): DeviceProbe {
  const absent = new Set<string>();
  const problems = new Map<string, string>();
  let known: ReadonlyMap<GpuSource, readonly GpuReading[]> | undefined;

  const readSource = async (source: GpuSource, signal: AbortSignal) => {
    const finding = await source.read(signal);
    if (finding === undefined) absent.add(source.tool);
    const { gpus = [], problem } = finding ?? {};
    if (problem === undefined) problems.delete(source.tool);
    if (problem !== undefined && problems.get(source.tool) !== problem) {
      problems.set(source.tool, problem);
      world.logger.warn(
        { actor: "device-manager", tool: source.tool, problem },
        "its GPUs cannot be read",
      );
    }
    return [source, gpus] as const;
  };
  const readAll = async (sources: readonly GpuSource[], signal: AbortSignal) =>
    new Map(await Promise.all(sources.map((source) => readSource(source, signal))));
  const describe = async (signal: AbortSignal): Promise<NodeDevices> => {
    const [ram, disk] = await Promise.all([readRam(signal), readDisk(world.modelsFolder)]);
    const limitBytes = world.memoryLimitBytes();
    const gpus = [...(known ?? []).values()].flat().map((gpu) => completeGpu(gpu, ram));
    const installed = world.installedBackends();
    const present = new Set<BackendName>(["cpu", ...gpus.map(({ backend }) => backend)]);
    return {
      platform: process.platform,
      architecture: process.arch,
      cpu: { model: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism() },
      ram: { ...ram, ...(limitBytes === undefined ? {} : { limitBytes }) },
      disk,
      gpus,
      backends: [...present].filter((backend) => installed.has(backend)),
      toolProblems: [...problems].map(([tool, problem]) => ({ tool, problem })),
    };
  };
  const detect = async (signal: AbortSignal) => {
    known = await readAll(
      world.sources.filter(({ tool }) => !absent.has(tool)),
      signal,
    );
    return await describe(signal);
  };
  return {
    detect,
    async readMemory(signal) {
      const before = known;
      if (before === undefined) return await detect(signal);
      // Only GPUs that a worker can use; what is free on the others does not matter to a spawn. A
      // tool that failed is asked again: it may have been the moment.
      const installed = world.installedBackends();
      const sources = [...before]
        .filter(([{ tool }, gpus]) => gpus.length > 0 || problems.has(tool))
        .flatMap(([source]) => (installed.has(source.backend) ? [source] : []));
      known = new Map([...before, ...(await readAll(sources, signal))]);
      return await describe(signal);
    },
  };
}
