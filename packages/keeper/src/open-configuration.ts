import { existsSync } from "node:fs";
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
  const paths = rbeePaths({ settings, environment, homeDirectory });
  // A queen on this machine that runs with the same configuration reads her key from there. The
  // file may appear while this command runs: the first `keys create` makes it.
  const findQueenKey = () => {
    const isNamed = settings.queen.api_key_file !== undefined;
    return isLoopbackUrl(queenUrl) && (isNamed || existsSync(paths.queenKey))
      ? paths.queenKey
      : undefined;
  };
  const { api_key_file: named } = settings.keeper;
  return {
    settings,
    file,
    paths,
    installation: findInstallation(import.meta.dirname),
    queenUrl,
    get keyFile() {
      return named === undefined ? findQueenKey() : expandHome(named, homeDirectory);
    },
  };
}
