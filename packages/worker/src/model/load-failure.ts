import { RbeeError, sizes } from "@rbee/contract";
import { EngineError } from "../engine.ts";

export interface LoadFailureInput {
  readonly modelReference: string;
  readonly backend: string;
  /** What the engine expects to need; undefined when it cannot say. */
  readonly requiredBytes: number | undefined;
  /** Plain memory that is free now. */
  readonly availableBytes: number;
}

/** What an engine's failure to load means in our catalogue; anything else stays what it is. */
export function loadFailure(cause: unknown, input: LoadFailureInput): unknown {
  if (!(cause instanceof EngineError)) return cause;
  const { modelReference: model, backend } = input;
  switch (cause.failure) {
    case "invalid-model-file":
      return new RbeeError("INVALID_MODEL_FILE", { model, reason: cause.message }, { cause });
    case "out-of-memory":
      return memoryFailure(cause, input);
    case "backend-unavailable":
      // The processor always computes: its kernels come with the library.
      return new RbeeError("BACKEND_UNAVAILABLE", { backend, available: ["cpu"] }, { cause });
    default:
      return new RbeeError("INTERNAL_ERROR", {}, { cause });
  }
}

// A device that could not give the memory has none left for this model, whatever it has in all.
function memoryFailure(cause: EngineError, input: LoadFailureInput): RbeeError {
  const isPlainMemory = input.backend === "cpu";
  const code = isPlainMemory ? "INSUFFICIENT_RAM" : "VRAM_EXHAUSTED";
  const required = Math.ceil((input.requiredBytes ?? 0) / sizes.bytesPerMb);
  const available = isPlainMemory ? Math.floor(input.availableBytes / sizes.bytesPerMb) : 0;
  return new RbeeError(code, { model: input.modelReference, required, available }, { cause });
}
