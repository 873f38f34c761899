import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { generationFields, RbeeError } from "@rbee/contract";
import { z } from "zod";
import type { SamplingWishes } from "../domain/resolve-sampling.ts";

const fields = generationFields;

const Sidecar = z.strictObject({
  temperature: fields.temperature,
  top_p: fields.top_p,
  top_k: fields.top_k,
  min_p: fields.min_p,
  repetition_penalty: fields.repetition_penalty,
  frequency_penalty: fields.frequency_penalty,
  presence_penalty: fields.presence_penalty,
});

/** Where a model's own sampling lies: `bee.gguf` has it in `bee.sampling.json`. */
function sidecarPath(modelPath: string): string {
  return `${modelPath.replace(/\.gguf$/i, "")}.sampling.json`;
}

/**
 * The sampling that belongs to a model, from the file beside it; nothing when there is none. A file
 * that says something wrong is INVALID_MODEL_FILE: to ignore it would be to guess.
 */
export function readSamplingSidecar(modelPath: string, modelReference: string): SamplingWishes {
  const path = sidecarPath(modelPath);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw refuse(modelReference, `${basename(path)} cannot be read`, error);
  }
  const parsed = Sidecar.safeParse(parseJson(text));
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join(".") ?? "";
    const place = field === "" ? "it is no JSON object with sampling fields" : `see ${field}`;
    throw refuse(modelReference, `${basename(path)} is not valid: ${place}`, parsed.error);
  }
  const found = parsed.data;
  return {
    temperature: found.temperature,
    topP: found.top_p,
    topK: found.top_k,
    minP: found.min_p,
    repetitionPenalty: found.repetition_penalty,
    frequencyPenalty: found.frequency_penalty,
    presencePenalty: found.presence_penalty,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(model: string, reason: string, cause: unknown): RbeeError {
  return new RbeeError("INVALID_MODEL_FILE", { model, reason }, { cause });
}
