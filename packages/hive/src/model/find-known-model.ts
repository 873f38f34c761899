import type { ModelReference } from "@rbee/contract";
import type { ModelStore, StoredModel } from "../ports.ts";
import { findModelFile, isUnchanged } from "./find-model-file.ts";
import { providerOf } from "./model-provider.ts";
import type { ModelProviders } from "./model-provider.ts";

interface KnownWorld {
  readonly store: ModelStore;
  readonly providers: ModelProviders;
}

/** The catalogue's row of a reference, if its file is still the one that was read for it. */
export async function findKnownModel(
  { store, providers }: KnownWorld,
  reference: ModelReference,
): Promise<StoredModel | undefined> {
  const row = store.find(reference.text);
  if (row === undefined || row.provider !== reference.provider) return undefined;
  const expected = providerOf(providers, reference).localPath?.(reference) ?? row.localPath;
  if (expected !== row.localPath) return undefined;
  const file = await findModelFile(row);
  return file !== undefined && isUnchanged(row, file) ? row : undefined;
}
