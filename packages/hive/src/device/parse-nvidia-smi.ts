import { sizes } from "@rbee/contract";
import { figures, parseFigure } from "./gpu-reading.ts";
import type { GpuMemory, GpuReading } from "./gpu-reading.ts";

const fields = [
  "index",
  "name",
  "memory.total",
  "memory.free",
  "temperature.gpu",
  "utilization.gpu",
] as const;

export const nvidiaSmiArguments = [
  `--query-gpu=${fields.join(",")}`,
  "--format=csv,noheader,nounits",
] as const;

/** Reads the answer to `nvidia-smi` with those arguments: one line per GPU, sizes in MiB. */
export function parseNvidiaSmi(stdout: string): GpuReading[] {
  return stdout.split("\n").flatMap((line) => {
    const cells = line.split(",").map((cell) => cell.trim());
    const index = parseFigure(cells[0]);
    if (index === undefined || cells.length < fields.length) return [];
    // A name may hold commas; the numbers after it do not.
    const name = cells.slice(1, 2 + cells.length - fields.length).join(", ");
    const [total = "", free = "", temperature, utilization] = cells.slice(-4);
    const memory = memoryOf(total, free);
    if (memory === undefined) return [];
    return [
      {
        index,
        backend: "cuda" as const,
        name,
        memory,
        ...figures(parseFigure(temperature), parseFigure(utilization)),
      },
    ];
  });
}

// GPUs that share the processor's memory (Grace, Spark, Jetson) have no figure of their own. One
// that has fallen off the bus or needs a reset says so in the same place, and cannot be used.
function memoryOf(total: string, free: string): GpuMemory | undefined {
  const totalMb = parseFigure(total);
  const freeMb = parseFigure(free);
  if (totalMb !== undefined && freeMb !== undefined) {
    return {
      kind: "own",
      totalBytes: totalMb * sizes.bytesPerMb,
      freeBytes: freeMb * sizes.bytesPerMb,
    };
  }
  return /^\[(?:N\/A|Not Supported)\]$/.test(total) ? { kind: "unified" } : undefined;
}
