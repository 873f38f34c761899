import { expandHome, findInstallation, loadSettings, rbeePaths } from "@rbee/settings";
import type { Configuration, Environment } from "./keeper.ts";
import { isLoopbackUrl } from "./queen-url.ts";

interface ConfigurationInput {
  readonly environment: Environment;
  readonly homeDirectory: string;
  readonly configFile: string | undefined;
  /** From `--queen`. */
  readonly queenUrl: string | undefined;
}

// Throws INVALID_CONFIGURATION.
export function openConfiguration(input: ConfigurationInput): Configuration {
  const { environment, homeDirectory, configFile } = input;
  const flags = { keeper: { queen_url: input.queenUrl } };
  const { settings, file } = loadSettings({ environment, homeDirectory, configFile, flags });
  const queenUrl = settings.keeper.queen_url.replace(/\/+$/, "");
  // A queen on this machine that runs with the same configuration names her key file there.
  const keyFile =
    settings.keeper.api_key_file ??
    (isLoopbackUrl(queenUrl) ? settings.queen.api_key_file : undefined);
  return {
    settings,
    file,
    paths: rbeePaths({ settings, environment, homeDirectory }),
    installation: findInstallation(import.meta.dirname),
    queenUrl,
    keyFile: keyFile === undefined ? undefined : expandHome(keyFile, homeDirectory),
  };
}
