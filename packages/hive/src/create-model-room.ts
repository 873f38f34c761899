import { sizes } from "@rbee/contract";
import { createNarrator } from "@rbee/daemon";
import type { Logger } from "@rbee/daemon";
import { readWorkerManifest } from "@rbee/settings";
import type { HubAccess, Installation, RbeePaths, Settings } from "@rbee/settings";
import { createDeviceProbe } from "./device/create-device-probe.ts";
import { findInstalledBackends } from "./device/find-installed-backends.ts";
import { listGpuSources } from "./device/gpu-sources.ts";
import { readDisk } from "./device/read-disk.ts";
import { createBundledProvider } from "./model/create-bundled-provider.ts";
import { createFileProvider } from "./model/create-file-provider.ts";
import { createHubProvider } from "./model/create-hub-provider.ts";
import { createModelCatalogue } from "./model/create-model-catalogue.ts";
import { createModelProvisioner } from "./model/create-model-provisioner.ts";
import { createPopulate } from "./model/create-populate.ts";
import type { DownloadCounters } from "./model/meter-download.ts";
import type { ModelProviders } from "./model/model-provider.ts";
import type { DeviceProbe, ModelCatalogue, ModelProvisioner } from "./ports.ts";
import { openModelStore } from "./store/open-model-store.ts";

interface ModelRoomOptions {
  readonly node: string;
  readonly installation: Installation;
  readonly paths: RbeePaths;
  readonly settings: () => Settings;
  /** How the hub is reached; may throw what findHubAccess throws. */
  readonly hubAccess: () => HubAccess;
  readonly logger: Logger;
  readonly downloads: DownloadCounters;
}

export interface ModelRoom {
  readonly devices: DeviceProbe;
  readonly catalogue: ModelCatalogue;
  readonly provisioner: ModelProvisioner;
  /**
   * Makes a new catalogue know the models on disk. Begin it once the hive listens: it may take as
   * long as reading the headers of them all. Whoever asks for the catalogue waits for it.
   */
  readonly populate: () => void;
  readonly close: () => void;
}

/** Wires what a hive knows of models and devices. Nothing is read from disk but the catalogue. */
export function createModelRoom(options: ModelRoomOptions): ModelRoom {
  const { node, installation, paths, settings, logger } = options;
  const { store, isNew, backupPath } = openModelStore(paths.modelsDatabase);
  if (backupPath !== undefined) {
    logger.warn({ backup_path: backupPath }, "models.db was corrupt and is set aside");
  }
  const providers: ModelProviders = {
    bundled: createBundledProvider(installation.models),
    file: createFileProvider(paths.models),
    hf: createHubProvider({
      node,
      store,
      modelsFolder: paths.models,
      readFreeBytes: async (path) => (await readDisk(path)).availableBytes,
      limitBytes: () => megabytesToBytes(settings().hive.disk_limit_mb),
      access: options.hubAccess,
      stallMs: () => settings().timeouts.download_stall * 1000,
    }),
  };
  const nowUnix = () => Math.floor(Date.now() / 1000);
  const populate = createPopulate({
    store,
    providers,
    logger,
    nowUnix,
    isNew,
    ...(backupPath === undefined ? {} : { backupPath }),
  });
  return {
    devices: createDevices(options),
    catalogue: createModelCatalogue({ store, providers, populate }),
    provisioner: createModelProvisioner({
      store,
      providers,
      populate,
      nowUnix,
      downloads: options.downloads,
      openNarrator(emit) {
        const narrate = createNarrator({ actor: "model-provisioner", logger, emit });
        return (line) => narrate({ node, ...line });
      },
    }),
    populate() {
      populate().catch((error: unknown) => logger.error({ error }, "the catalogue stays empty"));
    },
    close: () => store.close(),
  };
}

function megabytesToBytes(megabytes: number | undefined): number | undefined {
  return megabytes === undefined ? undefined : megabytes * sizes.bytesPerMb;
}

function createDevices({ installation, paths, settings, logger }: ModelRoomOptions): DeviceProbe {
  return createDeviceProbe({
    sources: listGpuSources(process.platform),
    modelsFolder: paths.models,
    memoryLimitBytes: () => megabytesToBytes(settings().hive.memory_limit_mb),
    installedBackends() {
      const { manifest = installation.workerManifest } = settings().worker;
      return findInstalledBackends({
        manifest: readWorkerManifest(manifest, installation),
        workerProgram: installation.programs["llm-worker-rbee"],
        platform: process.platform,
        architecture: process.arch,
      });
    },
    logger,
  });
}
