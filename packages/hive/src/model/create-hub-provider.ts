import { parseModelReference } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { HubAccess } from "@rbee/settings";
import { digestParts } from "./digest-parts.ts";
import { deleteHubModel } from "./hub/delete-hub-model.ts";
import { requireDiskRoom } from "./hub/disk-room.ts";
import type { DiskWorld } from "./hub/disk-room.ts";
import { downloadModel } from "./hub/download-model.ts";
import { findLocalModels } from "./hub/find-local-models.ts";
import type { LocalModel } from "./hub/find-local-models.ts";
import { createHubRequester } from "./hub/hub-request.ts";
import { lookUpModel } from "./hub/look-up-model.ts";
import type { FoundModel, HubReference, LookUp } from "./hub/look-up-model.ts";
import { localPath, readRecord, writeRecord } from "./hub/model-record.ts";
import type { ModelRecord } from "./hub/model-record.ts";
import { translateFailure } from "./hub/translate-failure.ts";
import { ModelFetch } from "./model-fetch.ts";
import type { FetchedModel, FetchOptions, ModelProvider } from "./model-provider.ts";
import { waitForModel } from "./wait-for-model.ts";

export interface HubWorld extends DiskWorld {
  /** Where the hub is and with which token; read anew for each fetch. */
  readonly access: () => HubAccess;
  readonly stallMs: () => number;
}

type Downloads = Map<string, ModelFetch<ModelRecord>>;

/** Models of the hub: downloaded to `<models>/<org>/<repo>/`, and deleted when they are removed. */
export function createHubProvider(world: HubWorld): ModelProvider<"hf"> {
  const { modelsFolder } = world;
  // By file: two references may mean the same one, and then there is one download.
  const downloads: Downloads = new Map();
  return {
    needsDownload: async (reference) => (await findLocal(modelsFolder, reference)) === undefined,
    async fetch(reference, given) {
      const options = { ...given, narrate: speakFor(reference, given.narrate) };
      const local = await findLocal(modelsFolder, reference);
      if (local !== undefined) return await enterReference(modelsFolder, local.record, reference);
      options.signal.throwIfAborted();
      const record = await fetchRecord(world, downloads, { reference, options });
      return await enterReference(modelsFolder, record, reference);
    },
    async findSize(reference, signal) {
      const access = world.access();
      const requester = createHubRequester(access);
      const quiet = { narrate: () => {}, onProgress: () => {}, signal };
      const lookUp = { ...quiet, reference, access, requester, stallMs: world.stallMs() };
      try {
        const { chosen } = await lookUpInWords(world, { ...lookUp, node: world.node });
        return chosen.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      } finally {
        requester.close();
      }
    },
    requireRoom: async (bytes) =>
      await requireDiskRoom(world, { missingBytes: bytes, presentBytes: 0 }),
    async listPresent() {
      const models = await findLocalModels(modelsFolder);
      return models
        .flatMap(({ record }) => record.references)
        .map((text) => parseModelReference(text))
        .filter((reference) => reference?.provider === "hf");
    },
    deleteFiles: async ({ localPath: path, reference }, isShared) =>
      await deleteHubModel(modelsFolder, { path, reference, isShared }),
    async discard(path) {
      await deleteHubModel(modelsFolder, { path, reference: "", isShared: false });
    },
  };
}

function speakFor({ text: model_ref }: HubReference, narrate: Narrate): Narrate {
  return (line) => narrate({ actor: "model-provisioner", model_ref, ...line });
}

interface Asked {
  readonly reference: HubReference;
  readonly options: FetchOptions;
}

async function fetchRecord(
  world: HubWorld,
  downloads: Downloads,
  { reference, options }: Asked,
): Promise<ModelRecord> {
  const access = world.access();
  const requester = createHubRequester(access);
  const stallMs = world.stallMs();
  try {
    const lookUp = { ...options, reference, access, requester, stallMs, node: world.node };
    const found = await lookUpInWords(world, lookUp);
    const shared = joinDownload(world, downloads, { lookUp, found });
    return await waitForModel(shared, options, options.signal);
  } finally {
    requester.close();
  }
}

async function lookUpInWords(world: HubWorld, lookUp: LookUp): Promise<FoundModel> {
  const { reference, access, signal } = lookUp;
  try {
    return await lookUpModel(lookUp);
  } catch (error) {
    signal.throwIfAborted();
    throw await translateFailure(error, {
      model: reference.text,
      hasToken: access.token !== undefined,
      target: world.modelsFolder,
      bytesDownloaded: 0,
      bytesTotal: 0,
      disk: world,
    });
  }
}

interface Begun {
  readonly lookUp: LookUp;
  readonly found: FoundModel;
}

function joinDownload(
  world: HubWorld,
  downloads: Downloads,
  { lookUp, found }: Begun,
): ModelFetch<ModelRecord> {
  const { reference, access, stallMs, narrate } = lookUp;
  const { repository, text: model } = reference;
  const target = localPath(world.modelsFolder, repository, found.chosen.files[0]?.path ?? "");
  const running = downloads.get(target);
  if (running !== undefined && !running.isAbandoned) return running;
  const fetch = new ModelFetch<ModelRecord>(async (options) => {
    // One that was given up may still be at the same file.
    await running?.outcome.catch(() => {});
    // Its own connections: whoever began it may leave while others wait.
    const requester = createHubRequester(access);
    const download = { ...options, ...found, model, repository, access, requester, stallMs };
    return await downloadModel({ ...download, disk: world }).finally(() => requester.close());
  }, narrate);
  downloads.set(target, fetch);
  void fetch.outcome
    .catch(() => {})
    .then(() => downloads.get(target) === fetch && downloads.delete(target));
  return fetch;
}

// Whole, and known by this reference or meant by the name of its file.
async function findLocal(
  modelsFolder: string,
  reference: HubReference,
): Promise<LocalModel | undefined> {
  const { repository, file, text } = reference;
  const models = await findLocalModels(modelsFolder, repository);
  return models.find(
    ({ record }) =>
      record.references.includes(text) ||
      (file !== undefined && record.files.some(({ path }) => path === file)),
  );
}

async function enterReference(
  modelsFolder: string,
  record: ModelRecord,
  { text }: HubReference,
): Promise<FetchedModel> {
  const path = localPath(modelsFolder, record.repository, record.files[0]?.path ?? "");
  const current = (await readRecord(path)) ?? record;
  if (!current.references.includes(text)) {
    await writeRecord(path, { ...current, references: [...current.references, text] });
  }
  const digests = record.files.map(({ sha256 }) => sha256 ?? "");
  return { path, variant: record.variant, digest: digestParts(digests) };
}
