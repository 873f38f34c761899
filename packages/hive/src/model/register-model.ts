import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { ModelReference } from "@rbee/contract";
import { modelId } from "../domain/model-id.ts";
import type { ModelStore, StoredModel } from "../ports.ts";
import { inspectModelFile } from "./inspect-model-file.ts";
import type { FetchedModel } from "./model-provider.ts";

export interface Registration {
  readonly reference: ModelReference;
  readonly fetched: FetchedModel;
  readonly nowUnix: number;
}

/**
 * Reads a model's file and enters it in the catalogue. A model that was there before keeps its id
 * and its use. Throws MODEL_NOT_FOUND or INVALID_MODEL_FILE.
 */
export async function registerModel(
  store: ModelStore,
  { reference, fetched, nowUnix }: Registration,
): Promise<StoredModel> {
  const { provider, text } = reference;
  const { variant, digest } = fetched;
  const { localPath, sizeBytes, modifiedAtMs, facts } = await inspectModelFile(fetched.path, text);
  const rows = store.list();
  const before = rows.find(
    (row) => row.provider === provider && row.reference === text && row.variant === variant,
  );
  const taken = new Set(rows.map(({ id }) => id));
  const model: StoredModel = {
    id:
      before?.id ??
      modelId({
        fileName: basename(localPath),
        referenceSha256: createHash("sha256").update(text).digest("hex"),
        isTaken: (id) => taken.has(id),
      }),
    provider,
    reference: text,
    variant,
    digest,
    localPath,
    sizeBytes,
    modifiedAtMs,
    ...facts,
    downloadedAtUnix: before?.downloadedAtUnix ?? nowUnix,
    lastUsedUnix: before?.lastUsedUnix ?? null,
    useCount: before?.useCount ?? 0,
  };
  store.put(model);
  return model;
}
