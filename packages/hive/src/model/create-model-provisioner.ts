import { RbeeError, sizes, timings } from "@rbee/contract";
import type { ModelReference, Narration } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { CatalogueModel } from "../domain/catalogue-model.ts";
import type { ModelProvisioner, ModelStore } from "../ports.ts";
import { findKnownModel } from "./find-known-model.ts";
import { meterDownload } from "./meter-download.ts";
import type { DownloadCounters } from "./meter-download.ts";
import { ModelFetch } from "./model-fetch.ts";
import { providerOf } from "./model-provider.ts";
import type { FetchOptions, ModelProviders } from "./model-provider.ts";
import { registerModel } from "./register-model.ts";
import { waitForModel } from "./wait-for-model.ts";
import { watchFetch } from "./watch-fetch.ts";

export interface ProvisionerWorld {
  readonly store: ModelStore;
  readonly providers: ModelProviders;
  /** Settles when a catalogue that began empty knows the files on disk. */
  readonly populate: () => Promise<void>;
  /** A narrator that speaks to the log, and to `emit` when there is one. */
  readonly openNarrator: (emit?: (event: Narration) => void) => Narrate;
  readonly nowUnix: () => number;
  readonly downloads: DownloadCounters;
}

/** Brings models into the catalogue, each of them once at a time. */
export function createModelProvisioner(world: ProvisionerWorld): ModelProvisioner {
  const running = new Map<string, ModelFetch>();
  const downloads = new Map<string, ModelFetch>();
  const background = world.openNarrator();

  const joinFetch = (reference: ModelReference): ModelFetch => {
    const other = running.get(reference.text);
    if (other !== undefined && !other.isAbandoned) return other;
    const fetch = new ModelFetch(async (options) => {
      // An abandoned one may still be at the same file.
      await other?.outcome.catch(() => {});
      return await fetchModel(world, reference, options);
    }, background);
    running.set(reference.text, fetch);
    void fetch.outcome
      .catch(() => {})
      .then(() => running.get(reference.text) === fetch && running.delete(reference.text));
    return fetch;
  };

  const needsDownload = async (reference: ModelReference) => {
    if ((await findKnownModel(world, reference)) !== undefined) return false;
    return await providerOf(world.providers, reference).needsDownload(reference);
  };

  const provision: ModelProvisioner["provision"] = (reference, { narrate, onProgress, signal }) =>
    waitForModel(joinFetch(reference), { narrate, onProgress }, signal);

  return {
    needsDownload,
    provision,
    async survey(reference, { sizeBytes, lookUp, signal }) {
      if (!(await needsDownload(reference))) {
        const quiet = { narrate: background, onProgress: () => {}, signal };
        const known = await findKnownModel(world, reference);
        return { isHere: true, model: known ?? (await provision(reference, quiet)) };
      }
      const provider = providerOf(world.providers, reference);
      const found = lookUp && sizeBytes === undefined ? provider.findSize : undefined;
      const bytes = sizeBytes ?? (await found?.call(provider, reference, signal));
      if (bytes === undefined) return { isHere: false };
      await provider.requireRoom?.(bytes);
      return { isHere: false, size: { bytes, from: sizeBytes === undefined ? "hub" : "asker" } };
    },
    async startDownload(reference) {
      const isDownload = await needsDownload(reference);
      const fetch = joinFetch(reference);
      fetch.keep();
      if (!isDownload) return { downloadId: "cached", model: await fetch.outcome };
      downloads.set(fetch.id, fetch);
      void fetch.outcome.catch(() => {}).then(() => forgetLater(downloads, fetch.id));
      return { downloadId: fetch.id };
    },
    watchDownload(downloadId, signal) {
      const fetch = downloads.get(downloadId);
      if (fetch !== undefined) return watchFetch(fetch, world.openNarrator, signal);
      throw new RbeeError("MODEL_NOT_FOUND", { model: downloadId, candidates: [] });
    },
  };
}

function forgetLater(downloads: Map<string, ModelFetch>, id: string): void {
  setTimeout(() => downloads.delete(id), timings.endedDownloadKeptMs).unref();
}

async function fetchModel(
  world: ProvisionerWorld,
  reference: ModelReference,
  options: FetchOptions,
): Promise<CatalogueModel> {
  const known = await findKnownModel(world, reference);
  if (known !== undefined) {
    const human = `${reference.text} is in the catalogue (${describe(known)})`;
    tell(options.narrate, known, { action: "catalogue-hit", human, cute: `📚 ${human}` });
    return known;
  }
  const provider = providerOf(world.providers, reference);
  const fetched = await meterDownload(world.downloads, options, (onProgress) =>
    provider.fetch(reference, { ...options, onProgress }),
  );
  // What is on disk keeps its name, whichever of the two came first to a new catalogue. The bundled
  // model does not wait: nothing takes its name before.
  if (reference.provider !== "bundled") await world.populate();
  options.signal.throwIfAborted();
  const nowUnix = world.nowUnix();
  const model = await registerModel(world.store, { reference, fetched, nowUnix }).catch(
    async (error: unknown) => {
      // Nobody could remove what has no row; what is wrong with it stays wrong.
      if (RbeeError.is(error, "INVALID_MODEL_FILE")) await provider.discard?.(fetched.path);
      throw error;
    },
  );
  const human = `${reference.text} is now in the catalogue (${describe(model)})`;
  tell(options.narrate, model, { action: "model-registered", human, cute: `📦 ${human}` });
  return model;
}

function tell(
  narrate: Narrate,
  model: CatalogueModel,
  line: { readonly action: string; readonly human: string; readonly cute: string },
): void {
  const { reference: model_ref } = model;
  narrate({ actor: "model-provisioner", model_ref, size_mb: sizeMb(model), ...line });
}

function describe(model: CatalogueModel): string {
  const size = `${sizeMb(model)} MB`;
  return model.quantization === null ? size : `${model.quantization}, ${size}`;
}

function sizeMb({ sizeBytes }: CatalogueModel): number {
  return Math.max(1, Math.round(sizeBytes / sizes.bytesPerMb));
}
