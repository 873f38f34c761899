import { RbeeError } from "@rbee/contract";
import type { FoundError, PlacementEstimate } from "@rbee/contract";
import type { FitPlace } from "../domain/fit.ts";
import type { FitAnswer } from "../placement-ports.ts";
import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { resolveModel } from "./resolve-model.ts";

export function estimatePlacement({ pool, aliases }: HttpWorld): HiveHandler<"estimatePlacement"> {
  return async ({ body, signal }) => {
    const { model_ref, size_bytes, look_up = false, without = [], ...wanted } = body;
    const reference = resolveModel(model_ref, aliases());
    const question = { reference, ...wanted, sizeBytes: size_bytes, lookUp: look_up, without };
    return estimateToWire(await pool.estimate(question, signal));
  };
}

function estimateToWire(answer: FitAnswer): PlacementEstimate {
  const { fit, places, isOnDisk, sizeBytes, sizeFrom, isMeasured } = answer;
  const known = {
    on_disk: isOnDisk,
    size_bytes: sizeBytes,
    size_from: sizeFrom,
    measured: isMeasured,
    ...nowhere,
    places: places.map(placeToWire),
    error: null,
  };
  if (answer.error !== undefined) {
    return { ...known, verdict: "refused", error: errorToFound(answer.error) };
  }
  if (fit === undefined) return { ...known, verdict: "unknown" };
  if (fit.fits) {
    const { backend, device, slots, context, requiredMb, availableMb } = fit;
    const where = { backend, device, slots, context };
    return {
      ...known,
      verdict: "fits",
      ...where,
      required_mb: requiredMb,
      available_mb: availableMb,
    };
  }
  const error = errorToFound(new RbeeError(fit.code, fit.details));
  if (fit.code !== "INSUFFICIENT_RAM" && fit.code !== "VRAM_EXHAUSTED") {
    return { ...known, verdict: "refused", error };
  }
  const { required, available, device } = fit.details;
  const closest = places.find((place) => `${place.backend}:${place.device}` === device);
  const { backend = null, device: index = null } = closest ?? {};
  return {
    ...known,
    verdict: "short",
    backend,
    device: index,
    required_mb: required,
    available_mb: available,
    error,
  };
}

const nowhere = {
  backend: null,
  device: null,
  slots: null,
  context: null,
  required_mb: null,
  available_mb: null,
} as const;

function placeToWire({ backend, device, pool, requiredMb, availableMb }: FitPlace) {
  return { backend, device, pool, required_mb: requiredMb, available_mb: availableMb };
}

function errorToFound({ code, message, details }: RbeeError): FoundError {
  return { code, message, details: { ...details } };
}
