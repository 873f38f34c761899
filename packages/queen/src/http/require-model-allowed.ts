import { RbeeError } from "@rbee/contract";
import type { Caller } from "@rbee/daemon";
import { judgeModel } from "../domain/judge-model.ts";

/** Throws KEY_MODEL_DENIED when the caller's key is not for that (resolved) reference. */
export function requireModelAllowed(
  { name, models }: Pick<Caller, "name" | "models">,
  model: string,
): void {
  if (models === undefined || judgeModel({ models, model })) return;
  throw new RbeeError("KEY_MODEL_DENIED", { key: name, model, allowed: [...models] });
}
