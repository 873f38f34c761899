import { RbeeError } from "@rbee/contract";

export function invalidModelFile(
  reference: string,
  reason: string,
  cause?: unknown,
): RbeeError<"INVALID_MODEL_FILE"> {
  return new RbeeError("INVALID_MODEL_FILE", { model: reference, reason }, { cause });
}
