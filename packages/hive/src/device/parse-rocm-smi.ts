import { figures, parseFigure } from "./gpu-reading.ts";
import type { GpuReading } from "./gpu-reading.ts";

export const rocmSmiArguments = [
  "--showproductname",
  "--showmeminfo",
  "vram",
  "--showtemp",
  "--showuse",
  "--json",
] as const;

/** Reads the answer to `rocm-smi` with those arguments: one object per card, sizes in bytes. */
export function parseRocmSmi(stdout: string): GpuReading[] {
  const cards = JSON.parse(stdout) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  return Object.entries(cards).flatMap(([key, card]) => {
    const index = /^card(\d+)$/.exec(key)?.[1];
    const totalBytes = parseFigure(card["VRAM Total Memory (B)"]);
    const usedBytes = parseFigure(card["VRAM Total Used Memory (B)"]);
    if (index === undefined || totalBytes === undefined || usedBytes === undefined) return [];
    return [
      {
        index: Number(index),
        backend: "rocm" as const,
        name: productName(card),
        memory: {
          kind: "own" as const,
          totalBytes,
          freeBytes: Math.max(0, totalBytes - usedBytes),
        },
        ...figures(
          parseFigure(card["Temperature (Sensor edge) (C)"]),
          parseFigure(card["GPU use (%)"]),
        ),
      },
    ];
  });
}

// The names of the fields have changed over the versions of ROCm.
function productName(card: Readonly<Record<string, unknown>>): string {
  for (const field of ["Card Series", "Card series", "Device Name", "Card Model", "Card model"]) {
    const name = card[field];
    if (typeof name === "string" && name !== "" && name !== "N/A") return name;
  }
  return "AMD GPU";
}
