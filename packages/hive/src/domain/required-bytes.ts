import { sizes } from "@rbee/contract";
import type { BackendName } from "@rbee/contract";
import { estimateMemory } from "./estimate-memory.ts";
import type { FitFacts } from "./fit.ts";

interface Run {
  readonly backend: BackendName;
  readonly slots: number;
  readonly context: number;
}

/**
 * What a worker has to be given: max(size x 1.2, the estimate) for a model that never ran here like
 * that. Once one did and was used, what it took then and a little more, but never less than the
 * weights; one that was only loaded may have more to take, so it can only raise the figure. See ADR
 * 0019.
 */
export function requiredBytes(
  { model, measured = [] }: Pick<FitFacts, "model" | "measured">,
  run: Run,
): number {
  const safeBytes = model.sizeBytes * sizes.memorySafetyFactor;
  const formula = Math.max(safeBytes, estimateMemory(model, run) ?? 0);
  const seen = findMeasured(measured, run);
  if (seen === undefined) return formula;
  const seenBytes = seen.bytes * sizes.measuredMemoryFactor;
  return seen.uses > 0 ? Math.max(model.sizeBytes, seenBytes) : Math.max(formula, seenBytes);
}

/** What was measured of exactly this backend, number of slots and context. */
export function findMeasured(measured: NonNullable<FitFacts["measured"]>, run: Run) {
  return measured.find(
    ({ backend, slots, context }) =>
      backend === run.backend && slots === run.slots && context === run.context,
  );
}
