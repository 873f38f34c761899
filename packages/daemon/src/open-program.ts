import { homedir } from "node:os";
import { join } from "node:path";
import { errorEntry, RbeeError } from "@rbee/contract";
import { findInstallation, loadSettings, rbeePaths } from "@rbee/settings";
import type {
  Installation,
  LoadedSettings,
  ProgramName,
  RbeePaths,
  Settings,
} from "@rbee/settings";
import { createLogger } from "./create-logger.ts";
import type { Logger } from "./create-logger.ts";
import { createLiveSettings } from "./live-settings.ts";
import type { LiveSettings } from "./live-settings.ts";
import { openLogFile } from "./log-file.ts";

/** What every daemon has in hand before it does anything. */
export interface Program {
  readonly name: ProgramName;
  readonly installation: Installation;
  /** As the program began; `live` is what it is now. */
  readonly loaded: LoadedSettings;
  readonly settings: Settings;
  readonly paths: RbeePaths;
  readonly live: LiveSettings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly flush: () => Promise<void>;
}

interface ProgramInput {
  readonly name: ProgramName;
  /** The folder of the program's own file: `import.meta.dirname`. */
  readonly directory: string;
  readonly configFile?: string | undefined;
  readonly flags?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** `queen.log`, `hive.log`; undefined: lines of JSON go to stdout (a worker, whose hive keeps its log). */
  readonly logFileName?: string;
  /** Variables that the programs which this one starts must not see. */
  readonly ownSecrets?: readonly string[];
}

/** Loads settings and opens the log. Throws INVALID_CONFIGURATION. */
export function openProgram(input: ProgramInput): Program {
  const environment = { ...process.env };
  for (const variable of input.ownSecrets ?? []) delete process.env[variable];
  const homeDirectory = homedir();
  const { configFile, flags = {} } = input;
  const load = () => loadSettings({ environment, homeDirectory, configFile, flags });
  const loaded = load();
  const { settings } = loaded;
  const paths = rbeePaths({ settings, environment, homeDirectory });
  const file =
    input.logFileName === undefined ? undefined : openLogFile(join(paths.logs, input.logFileName));
  const sinks = [
    ...(file === undefined ? [] : [file]),
    // A person who runs a daemon in a terminal sees its log there.
    ...(file === undefined || process.stderr.isTTY ? [process.stdout] : []),
  ];
  const logger = createLogger({ program: input.name, sinks });
  return {
    name: input.name,
    installation: findInstallation(input.directory),
    loaded,
    settings,
    paths,
    live: createLiveSettings({ first: loaded, load, environment, homeDirectory, logger }),
    environment,
    logger,
    flush: async () => file?.close(),
  };
}

/** Tells the person on stderr why a program does not start, with the next step. */
export function reportStartFailure(program: string, error: unknown): void {
  if (!RbeeError.is(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${program}: ${text}\n`);
    return;
  }
  const entry = errorEntry(error.code);
  const explained = entry.explain?.(error.details) ?? [];
  const hints = entry.hint(error.details);
  const lines = [`${program}: ${error.message} [${error.code}]`, ...explained, ...hints];
  process.stderr.write(`${lines.join("\n  ")}\n`);
}
