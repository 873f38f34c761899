import { sizes } from "@rbee/contract";
import type { NodeEstimate } from "./placement-facts.ts";

/** The least that has to be freed at one of its places; Infinity where that would not help. */
export function findShortBytes(estimate: NodeEstimate | undefined): number {
  if (estimate?.verdict !== "short") return Infinity;
  let leastMb = Infinity;
  for (const { shortMb } of estimate.places) leastMb = Math.min(leastMb, shortMb);
  return leastMb * sizes.bytesPerMb;
}

/** How much memory is missing by the hive's own words; Infinity where it refuses for another reason. */
export function findLackMb(estimate: NodeEstimate | undefined): number {
  if (estimate === undefined || estimate.verdict === "fits") return Infinity;
  const { refusal } = estimate;
  const isMemory = refusal.code === "INSUFFICIENT_RAM" || refusal.code === "VRAM_EXHAUSTED";
  return isMemory ? refusal.details.required - refusal.details.available : Infinity;
}
