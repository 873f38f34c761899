import { RbeeError } from "@rbee/contract";
import type { ModelReference } from "@rbee/contract";
import type { Logger } from "@rbee/daemon";
import type { ModelStore } from "../ports.ts";
import { findKnownModel } from "./find-known-model.ts";
import { providerOf } from "./model-provider.ts";
import type { ModelProviders } from "./model-provider.ts";
import { registerModel } from "./register-model.ts";

interface PopulateWorld {
  readonly store: ModelStore;
  readonly providers: ModelProviders;
  readonly logger: Logger;
  readonly nowUnix: () => number;
  /** True when the catalogue began empty: only then there is anything to do. */
  readonly isNew: boolean;
  /** Where a corrupt catalogue was put, if that is why it began empty. */
  readonly backupPath?: string;
}

/**
 * Makes what enters the models on disk into a new catalogue: once, at the first call; further calls
 * wait for that one. A file that cannot be read is left out and logged.
 */
export function createPopulate(world: PopulateWorld): () => Promise<void> {
  let populated: Promise<void> | undefined;
  return () => {
    if (populated !== undefined) return populated;
    const populating = world.isNew ? populateModels(world) : Promise.resolve();
    populated = populating;
    populating.catch(() => (populated = undefined));
    return populating;
  };
}

async function populateModels(world: PopulateWorld): Promise<void> {
  const { logger, backupPath } = world;
  let rebuilt = 0;
  for (const provider of Object.values(world.providers)) {
    for (const reference of await provider.listPresent()) {
      if (await enterModel(world, reference)) rebuilt += 1;
    }
  }
  if (backupPath === undefined) return;
  const error = new RbeeError("CATALOG_CORRUPT", { backup_path: backupPath, rebuilt });
  const { code, message, details } = error;
  logger.error({ actor: "model-provisioner", code, ...details }, message);
}

async function enterModel(world: PopulateWorld, reference: ModelReference): Promise<boolean> {
  const { store, providers, logger } = world;
  try {
    // A request may have brought it in meanwhile.
    if ((await findKnownModel(world, reference)) !== undefined) return true;
    const provider = providerOf(providers, reference);
    // The file is here; a provider that wants to download something for it has to stop.
    const options = { narrate: () => {}, onProgress: () => {}, signal: AbortSignal.abort() };
    const fetched = await provider.fetch(reference, options);
    await registerModel(store, { reference, fetched, nowUnix: world.nowUnix() });
    return true;
  } catch (error) {
    if (!RbeeError.is(error)) throw error;
    logger.warn({ error, model_ref: reference.text }, "a model on disk is left out");
    return false;
  }
}
