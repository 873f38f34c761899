import { dirname } from "node:path";
import { RbeeError } from "@rbee/contract";
import { describePlatform, findOwnGpu, gpuKindsOf } from "@rbee/payload";
import type { GpuKind, PlatformName } from "@rbee/payload";
import { defineCommand } from "../define-command.ts";
import { switchFlag, textFlag } from "../flags.ts";
import { installPlaces } from "../install/install-places.ts";
import type { InstallPlaces } from "../install/install-places.ts";
import { installPrograms } from "../install/install-programs.ts";
import { ownCommand } from "../install/own-command.ts";
import { reportInstallation } from "../install/report-installation.ts";
import { requirePermission } from "../install/require-permission.ts";
import { createUnit } from "../install/create-unit.ts";
import type { ServiceUnit } from "../install/unit-input.ts";
import type { Keeper } from "../keeper.ts";

export const installCommand = defineCommand({
  summary: "put the programs on your PATH, with a Node of their own",
  details:
    "Copies this version of rbee to ~/.local/share/rbee (--system: /usr/local/lib/rbee), so that it " +
    "works without the folder that it came from. A configuration that is there is kept. Run it " +
    "again to bring in a newer version.",
  examples: [
    "rbee-keeper install",
    "rbee-keeper install --service",
    "sudo rbee-keeper install --system",
  ],
  arguments: {},
  flags: {
    system: switchFlag("for everybody on this machine; needs root"),
    service: switchFlag("also write a unit for systemd or launchd that starts the queen"),
    gpu: textFlag("kind", "llama.cpp for this: cpu, cuda, vulkan, metal (default: what runs now)", {
      choices: ["cpu", "cuda", "vulkan", "metal"],
    }),
  },
  run: async ({ keeper, flags: { system: isSystem, service: hasService, gpu: wanted } }) => {
    const { installation, paths } = keeper.configuration();
    const { homeDirectory } = keeper;
    const places = installPlaces({ isSystem, homeDirectory, rbeeHome: paths.home });
    const service = hasService ? unitFor(keeper, places) : undefined;
    const words = [
      ownCommand(installation, keeper.environment, process.cwd()),
      "install",
      ...(isSystem ? ["--system"] : []),
      ...(hasService ? ["--service"] : []),
      ...(wanted === undefined ? [] : ["--gpu", wanted]),
    ];
    requirePermission(listFolders(places, service), isSystem ? words.join(" ") : undefined);
    const platform = requirePlatform();
    const gpu = requireGpu(keeper, platform, wanted);
    const installed = await installPrograms({ keeper, places, platform, gpu, service });
    await reportInstallation({ keeper, places, service, installed });
    return undefined;
  },
});

function unitFor(keeper: Keeper, places: InstallPlaces): ServiceUnit {
  const { environment, homeDirectory } = keeper;
  const person = environment["SUDO_USER"] ?? environment["USER"] ?? "root";
  return createUnit({ places, platform: process.platform, homeDirectory, person });
}

function listFolders(places: InstallPlaces, service: ServiceUnit | undefined): readonly string[] {
  const units = (service?.files ?? []).map(({ path }) => dirname(path));
  const { root, binaries, configFile, models, cache } = places;
  return [binaries, root, dirname(configFile), dirname(models), cache, ...units];
}

function requirePlatform(): PlatformName {
  const platform = describePlatform(process.platform, process.arch);
  if (platform !== undefined) return platform;
  const details = { platform: `${process.platform}-${process.arch}`, part: "rbee" };
  throw new RbeeError("PAYLOAD_UNAVAILABLE", { ...details, reason: "it does not run there" });
}

function requireGpu(keeper: Keeper, platform: PlatformName, wanted: string | undefined): GpuKind {
  const kinds = gpuKindsOf(platform);
  const [first = "cpu"] = kinds;
  const { installation } = keeper.configuration();
  if (wanted === undefined) return findOwnGpu(installation, platform) ?? first;
  const kind = kinds.find((name) => name === wanted);
  if (kind !== undefined) return kind;
  const message = `must be one of ${kinds.join(", ")} on ${platform}`;
  throw new RbeeError("INVALID_REQUEST", {
    errors: [{ field: "--gpu", constraint: "allowed", message }],
  });
}
