import { RbeeError } from "@rbee/contract";
import type { ModelCatalogue, ModelStore, StoredModel } from "../ports.ts";
import { findModelFile } from "./find-model-file.ts";
import type { ModelProviders } from "./model-provider.ts";
import { findModelProblem } from "./find-model-problem.ts";

interface CatalogueWorld {
  readonly store: ModelStore;
  readonly providers: ModelProviders;
  /** Settles when a catalogue that began empty knows the files on disk. */
  readonly populate: () => Promise<void>;
}

const candidatesMax = 10;

/** What the person's models are, seen through the files that are there now. */
export function createModelCatalogue({
  store,
  providers,
  populate,
}: CatalogueWorld): ModelCatalogue {
  const findRow = async (name: string) => {
    const row = store.find(name);
    if (row !== undefined) return row;
    await populate();
    return store.find(name);
  };
  const getRow = async (name: string) => {
    const row = await findRow(name);
    if (row !== undefined) return row;
    const candidates = store.list().map(({ id }) => id);
    throw new RbeeError("MODEL_NOT_FOUND", {
      model: name,
      candidates: candidates.slice(0, candidatesMax),
    });
  };
  return {
    async find(idOrReference) {
      const row = await findRow(idOrReference);
      return row !== undefined && (await isThere(row)) ? row : undefined;
    },
    async list() {
      await populate();
      const rows = store.list();
      const there = await Promise.all(rows.map((row) => isThere(row)));
      return rows.filter((_, index) => there[index]);
    },
    async markUsed(id, unixSeconds) {
      store.markUsed(id, unixSeconds);
    },
    async remove(idOrReference) {
      const row = await getRow(idOrReference);
      const provider = providers[row.provider];
      const isShared = store
        .list()
        .some(({ id, localPath }) => id !== row.id && localPath === row.localPath);
      const freedBytes = (await provider.deleteFiles?.(row, isShared)) ?? 0;
      store.remove(row.id);
      return { id: row.id, freedBytes, isFileKept: isShared || provider.deleteFiles === undefined };
    },
    listMeasured: (model) => store.listMeasured(model),
    noteMeasured: (measurement) => store.noteMeasured(measurement),
    watch: (onChange) => store.watch(onChange),
    async *verify(idOrReference, signal) {
      await populate();
      const rows = idOrReference === undefined ? store.list() : [await getRow(idOrReference)];
      for (const row of rows) {
        signal.throwIfAborted();
        const problem = await findModelProblem(row, signal);
        yield { id: row.id, reference: row.reference, problem };
      }
    },
  };
}

async function isThere(row: StoredModel): Promise<boolean> {
  return (await findModelFile(row)) !== undefined;
}
