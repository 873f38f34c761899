import { RbeeError } from "@rbee/contract";
import type { StoredModel } from "../ports.ts";
import { getModelFile } from "./get-model-file.ts";
import type { ModelFile } from "./get-model-file.ts";

/** The files of a catalogue row; undefined when one is gone or cannot be read: then it is a miss. */
export async function findModelFile(model: StoredModel): Promise<ModelFile | undefined> {
  try {
    return await getModelFile(model.localPath, model.reference);
  } catch (error) {
    if (RbeeError.is(error)) return undefined;
    throw error;
  }
}

/** True when the files are those whose header was read for the catalogue. */
export function isUnchanged(model: StoredModel, file: ModelFile): boolean {
  return file.sizeBytes === model.sizeBytes && file.modifiedAtMs === model.modifiedAtMs;
}
