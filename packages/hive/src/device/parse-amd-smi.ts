import { sizes } from "@rbee/contract";
import { figures, parseFigure } from "./gpu-reading.ts";
import type { GpuReading } from "./gpu-reading.ts";

export const amdSmiStaticArguments = ["static", "--asic", "--json"] as const;
export const amdSmiMetricArguments = [
  "metric",
  "--mem-usage",
  "--temperature",
  "--usage",
  "--json",
] as const;

type Fields = Readonly<Record<string, unknown>>;

/** Reads `amd-smi metric` with the names from `amd-smi static`; sizes are in MB of 1,048,576. */
export function parseAmdSmi(metricStdout: string, staticStdout: string): GpuReading[] {
  const names = new Map(
    listGpus(staticStdout).map((gpu) => [gpu["gpu"], fieldsOf(gpu["asic"])["market_name"]]),
  );
  return listGpus(metricStdout).flatMap((gpu) => {
    const index = parseFigure(gpu["gpu"]);
    const memory = fieldsOf(gpu["mem_usage"]);
    const totalMb = valueOf(memory["total_vram"]);
    const freeMb = valueOf(memory["free_vram"]);
    if (index === undefined || totalMb === undefined || freeMb === undefined) return [];
    const name = names.get(gpu["gpu"]);
    return [
      {
        index,
        backend: "rocm" as const,
        name: typeof name === "string" ? name : "AMD GPU",
        memory: {
          kind: "own" as const,
          totalBytes: totalMb * sizes.bytesPerMb,
          freeBytes: freeMb * sizes.bytesPerMb,
        },
        ...figures(
          valueOf(fieldsOf(gpu["temperature"])["edge"]),
          valueOf(fieldsOf(gpu["usage"])["gfx_activity"]),
        ),
      },
    ];
  });
}

// A bare list in older versions, under `gpu_data` in newer ones.
function listGpus(stdout: string): readonly Fields[] {
  const answer: unknown = JSON.parse(stdout);
  const list = Array.isArray(answer) ? (answer as unknown[]) : fieldsOf(answer)["gpu_data"];
  return Array.isArray(list) ? list.map((gpu) => fieldsOf(gpu)) : [];
}

// `{"value": 24560, "unit": "MB"}`, or the bare number.
function valueOf(field: unknown): number | undefined {
  return parseFigure(typeof field === "object" ? fieldsOf(field)["value"] : field);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
