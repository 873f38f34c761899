import { errorEntry, RbeeError } from "@rbee/contract";
import { planReload, rbeePaths } from "@rbee/settings";
import type {
  LoadedSettings,
  RbeePaths,
  ReloadPolicy,
  SettingChange,
  Settings,
} from "@rbee/settings";
import type { Logger } from "./create-logger.ts";

/** The configuration of a program that runs, and follows a part of it. */
export interface LiveSettings {
  readonly current: () => LoadedSettings;
  /** Where things are by the configuration of now; secrets may have moved. */
  readonly paths: () => RbeePaths;
  /** What was configured since the start and needs a restart. */
  readonly waiting: () => readonly SettingChange[];
  /**
   * Reads the configuration again and takes over what the program follows. Tells the log what
   * changed, what waits for a restart, and what cannot be used: of that the old values stay. Never
   * throws.
   */
  readonly reload: (reload: Reload) => void;
}

export interface Reload {
  readonly policy: ReloadPolicy;
  /** Throws for a configuration that this program cannot live with. */
  readonly check?: (settings: Settings) => void;
  /** Reads again what depends on the configuration, keys above all; may throw. */
  readonly apply: () => void;
}

interface LiveSettingsOptions {
  readonly first: LoadedSettings;
  /** Throws INVALID_CONFIGURATION. */
  readonly load: () => LoadedSettings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly logger: Logger;
}

export function createLiveSettings(options: LiveSettingsOptions): LiveSettings {
  const { load, logger, environment, homeDirectory } = options;
  let current = options.first;
  let waiting: readonly SettingChange[] = [];

  const readAgain = ({ policy, check }: Reload) => {
    try {
      const plan = planReload(current, load(), policy);
      check?.(plan.effective.settings);
      current = plan.effective;
      waiting = plan.waiting;
      tellChanges(logger, plan);
    } catch (error) {
      tellFailure(logger, error, "the configuration cannot be used; the old one stays");
    }
  };
  return {
    current: () => current,
    paths: () => rbeePaths({ settings: current.settings, environment, homeDirectory }),
    waiting: () => waiting,
    reload(reload) {
      readAgain(reload);
      try {
        reload.apply();
      } catch (error) {
        tellFailure(logger, error, "a part of the configuration cannot be used; the old one stays");
      }
    },
  };
}

interface Changes {
  readonly followed: readonly SettingChange[];
  readonly waiting: readonly SettingChange[];
}

function tellChanges(logger: Logger, { followed, waiting }: Changes): void {
  for (const { setting, before, after } of followed) {
    logger.info(
      { setting, before, after },
      `${setting} is ${show(after)} now, not ${show(before)}`,
    );
  }
  for (const { setting, before, after } of waiting) {
    const stays = `${setting} stays ${show(before)}; ${show(after)} needs a restart`;
    logger.warn({ setting, before, after }, stays);
  }
  const same = followed.length + waiting.length === 0 ? "; nothing has changed" : "";
  logger.info({}, `the configuration was read again${same}`);
}

function show(value: unknown): string {
  return value === undefined ? "unset" : JSON.stringify(value);
}

/** Why something stays as it was, with every key or file that is wrong. */
export function tellFailure(logger: Logger, error: unknown, sentence: string): void {
  if (!RbeeError.is(error)) {
    logger.error({ error }, sentence);
    return;
  }
  const reasons = errorEntry(error.code).explain?.(error.details) ?? [];
  logger.error({ code: error.code, reasons }, `${sentence}: ${reasons.join(" ")}`);
}
