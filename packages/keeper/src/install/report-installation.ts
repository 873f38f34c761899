import { existsSync } from "node:fs";
import { join } from "node:path";
import { findRunning, launchers } from "@rbee/payload";
import type { RunningProgram } from "@rbee/payload";
import type { Keeper } from "../keeper.ts";
import { formatBytes } from "../output/figures.ts";
import { printResult } from "../output/print.ts";
import { renderFields } from "../output/render-table.ts";
import { advisePath } from "./advise-path.ts";
import type { InstallPlaces } from "./install-places.ts";
import type { InstalledPrograms } from "./install-programs.ts";
import type { ServiceUnit } from "./unit-input.ts";

interface ReportInput {
  readonly keeper: Keeper;
  readonly places: InstallPlaces;
  readonly service: ServiceUnit | undefined;
  readonly installed: InstalledPrograms;
}

/** Says what is where now, and what to do next. */
export async function reportInstallation(input: ReportInput): Promise<void> {
  const { keeper, places, service, installed } = input;
  const { payload, folder, isUnchanged, isConfigurationNew, previous } = installed;
  const older = (await findRunning(places.root)).filter(
    ({ executable }) => !executable.startsWith(`${folder}/`),
  );
  const result = {
    version: payload.version,
    platform: payload.platform,
    gpu: payload.gpu,
    folder,
    size_bytes: payload.sizeBytes,
    programs: Object.keys(launchers).map((name) => join(places.binaries, name)),
    configuration: { file: places.configFile, written: isConfigurationNew },
    models: places.models,
    service_files: (service?.files ?? []).map(({ path }) => path),
    unchanged: isUnchanged,
    previous: previous === payload.name ? null : (previous ?? null),
  };
  await printResult(keeper, result, () => [
    ...describeInstallation(input),
    ...adviseRestart(older),
    "",
    "Next steps:",
    ...nextSteps(input).map((line) => `  ${line}`),
  ]);
}

function describeInstallation({ places, service, installed }: ReportInput): readonly string[] {
  const { payload, folder, isUnchanged, isConfigurationNew } = installed;
  const { version, platform, gpu, sizeBytes } = payload;
  const build = `${platform}, ${gpu}`;
  const title = isUnchanged
    ? `rbee v${version} (${build}) is installed already; nothing changed.`
    : `rbee v${version} (${build}) is installed.`;
  const units = (service?.files ?? []).map(({ path }) => path);
  const written = places.isSystem
    ? "new: it says where models are, the rest are defaults"
    : "new: every line is a default";
  const fields: (readonly [string, string])[] = [
    ["Programs", `${Object.keys(launchers).join(", ")} in ${places.binaries}`],
    ["Version", `${folder} (${formatBytes(sizeBytes)})`],
    ["Configuration", `${places.configFile} (${isConfigurationNew ? written : "kept as it is"})`],
    ["Models", places.models],
    ...(units.length === 0 ? [] : [["Service", units.join(", ")] as const]),
  ];
  return [title, ...renderFields(fields).map((line) => `  ${line}`), ...noteShadow(places)];
}

// Files do not merge: a person's own one hides that of the machine.
function noteShadow({ isSystem, configFile }: InstallPlaces): readonly string[] {
  const other = "/etc/rbee/config.toml";
  if (isSystem || !existsSync(other)) return [];
  return [`  ${configFile} is read instead of ${other}, not besides.`];
}

function adviseRestart(older: readonly RunningProgram[]): readonly string[] {
  if (older.length === 0) return [];
  const names = older.map(({ name, pid }) => `${name} (process ${pid})`).join(", ");
  return ["", `The version before still runs: ${names}. To change over: rbee queen restart`];
}

function nextSteps({ keeper, places, service }: ReportInput): readonly string[] {
  const again = `rbee install${places.isSystem ? " --system" : ""} --service`;
  return [
    ...advisePath(places.binaries, keeper.environment),
    ...(service === undefined ? [] : adviseService(service)),
    'rbee infer "write a short story"   # a first answer, by the bundled model',
    "rbee doctor                        # finds what is missing",
    "rbee setup add-node --help         # brings in another machine",
    ...(service === undefined
      ? [`${again.padEnd(35)}# starts the queen whenever this machine starts`]
      : []),
  ];
}

function adviseService({ enable, log }: ServiceUnit): readonly string[] {
  const isReady = process.platform === "darwin" || existsSync("/run/systemd/system");
  return [
    isReady
      ? "Start the service, now and whenever this machine starts:"
      : "systemd does not run here now. Where it does, this starts the service:",
    ...enable.map((line) => `  ${line}`),
    `  Its words: ${log}`,
  ];
}
