import { errorEntry, RbeeError } from "@rbee/contract";
import type { StoredModel } from "../ports.ts";
import { digestFile } from "./digest-file.ts";
import { digestParts } from "./digest-parts.ts";
import { inspectModelFile } from "./inspect-model-file.ts";

/** Reads a model's file again: what is wrong with it, or null when it is what the catalogue says. */
export async function findModelProblem(
  model: StoredModel,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const { sizeBytes, facts, parts } = await inspectModelFile(model.localPath, model.reference);
    if (sizeBytes !== model.sizeBytes) {
      return `the file has ${sizeBytes} bytes, the catalogue says ${model.sizeBytes}`;
    }
    for (const [name, value] of Object.entries({
      architecture: facts.architecture,
      quantization: facts.quantization,
      parameters: facts.parameters,
    })) {
      const known = model[name as "architecture" | "quantization" | "parameters"];
      if (known !== value) return `its ${name} is ${value}, the catalogue says ${known}`;
    }
    if (model.digest === null) return null;
    const digests: string[] = [];
    for (const part of parts) digests.push(await digestFile(part.path, signal));
    const digest = digestParts(digests);
    if (digest === model.digest) return null;
    return `its SHA-256 is ${digest}, the catalogue says ${model.digest}`;
  } catch (error) {
    signal.throwIfAborted();
    if (!RbeeError.is(error)) throw error;
    if (RbeeError.is(error, "MODEL_NOT_FOUND")) return "the file is gone";
    const [explanation = error.message] = errorEntry(error.code).explain?.(error.details) ?? [];
    return explanation;
  }
}
