import { chownSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { assemblePayload, installVersion, requireAnswer } from "@rbee/payload";
import type { GpuKind, InstalledVersion, Payload, PlatformName } from "@rbee/payload";
import type { Environment, Keeper } from "../keeper.ts";
import type { InstallPlaces } from "./install-places.ts";
import { linkPrograms, requireFreeNames } from "./link-programs.ts";
import { showPayloadProgress } from "./show-payload-progress.ts";
import type { ServiceUnit } from "./unit-input.ts";
import { writeConfiguration } from "./write-configuration.ts";
import { requireOwnUnits, writeUnit } from "./write-unit.ts";

export interface ProgramsInput {
  readonly keeper: Keeper;
  readonly places: InstallPlaces;
  readonly platform: PlatformName;
  readonly gpu: GpuKind;
  readonly service: ServiceUnit | undefined;
}

export interface InstalledPrograms extends InstalledVersion {
  readonly payload: Payload;
  readonly folder: string;
  readonly isConfigurationNew: boolean;
}

/** Puts rbee where `places` says: all of it, or nothing. */
export async function installPrograms(input: ProgramsInput): Promise<InstalledPrograms> {
  const { keeper, places, platform, gpu, service } = input;
  const { signal } = keeper.interrupts;
  requireFreeNames(places);
  if (service !== undefined) requireOwnUnits(service);
  const { installation } = keeper.configuration();
  const payload = await assemblePayload({
    installation,
    platform,
    gpu,
    cacheFolder: places.cache,
    environment: keeper.environment,
    homeDirectory: keeper.homeDirectory,
    onProgress: showPayloadProgress(keeper.story),
    signal,
  });
  keeper.story.endBar();
  const folder = join(places.root, "versions", payload.name);
  let isConfigurationNew = false;
  const installed = await installVersion({
    payload,
    root: places.root,
    signal,
    onStep: (step) => tellStep(keeper, step, folder),
    complete: async () => {
      const undoLinks = linkPrograms(places);
      try {
        await requireAnswer(join(places.binaries, "rbee-keeper"), payload.version);
        makeModelsFolder(places, keeper.environment);
        if (service !== undefined) writeUnit(service);
        isConfigurationNew = writeConfiguration(places, join(folder, "config.example.toml"));
      } catch (error) {
        undoLinks();
        throw error;
      }
    },
  });
  return { ...installed, payload, folder, isConfigurationNew };
}

function tellStep({ story }: Keeper, step: "copying" | "trying", folder: string): void {
  const human = step === "copying" ? `copying rbee to ${folder}` : "trying the programs";
  story.narrate({ action: `install-${step}`, human, cute: `🐝 ${human}` });
}

// Whoever asked with sudo puts models there themselves, without it.
function makeModelsFolder({ isSystem, models }: InstallPlaces, environment: Environment): void {
  if (existsSync(models)) return;
  mkdirSync(models, { recursive: true });
  const user = Number(environment["SUDO_UID"] ?? Number.NaN);
  const group = Number(environment["SUDO_GID"] ?? Number.NaN);
  if (isSystem && Number.isInteger(user) && Number.isInteger(group)) chownSync(models, user, group);
}
