import { basename } from "node:path";
import { getModelFile } from "./get-model-file.ts";
import type { ModelFile } from "./get-model-file.ts";
import { invalidModelFile } from "./invalid-model-file.ts";
import { modelFacts } from "./model-facts.ts";
import type { ModelFacts } from "./model-facts.ts";
import { readGguf } from "./read-gguf.ts";

/** A model's file as it is on disk now, with what its header says. */
export interface InspectedModel extends ModelFile {
  readonly facts: ModelFacts;
}

/** Reads a model's file. Throws MODEL_NOT_FOUND or INVALID_MODEL_FILE. */
export async function inspectModelFile(path: string, reference: string): Promise<InspectedModel> {
  const file = await getModelFile(path, reference);
  const headers = [];
  for (const part of file.parts) headers.push(await readGguf({ ...part, reference }));
  const { GGMLFileQuantizationType, GGMLQuantizationType } = await import("@huggingface/gguf");
  const names = { ofFile: GGMLFileQuantizationType, ofTensor: GGMLQuantizationType };
  const facts = modelFacts(headers, names);
  if (facts.architecture === null) {
    throw invalidModelFile(reference, `${basename(file.localPath)}: it names no architecture.`);
  }
  return { ...file, facts };
}
