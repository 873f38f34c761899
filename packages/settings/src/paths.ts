import { isAbsolute, join, resolve } from "node:path";
import { findSecretPath } from "./secrets.ts";
import type { Settings } from "./settings-schema.ts";

/** Where one person's rbee keeps its things on this machine. All paths are absolute. */
export interface RbeePaths {
  readonly home: string;
  readonly queenDatabase: string;
  readonly modelsDatabase: string;
  readonly keys: string;
  readonly knownHosts: string;
  readonly logs: string;
  readonly run: string;
  readonly models: string;
  /** The key that a hive on this machine wants, when this file exists. */
  readonly hiveKey: string;
  /** The key of the queen on this machine, when this file exists. */
  readonly queenKey: string;
}

interface PathsInput {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
}

export function rbeePaths({ settings, environment, homeDirectory }: PathsInput): RbeePaths {
  const inHome = (path: string) => expandHome(path, homeDirectory);
  const named = environment["RBEE_HOME"];
  const home = named === undefined || named === "" ? join(homeDirectory, ".rbee") : inHome(named);
  const secret = (configured: string | undefined, name: string) =>
    inHome(findSecretPath(configured, name, environment) ?? join(home, "keys", name));
  return {
    home,
    queenDatabase: inHome(settings.queen.database ?? join(home, "beehives.db")),
    modelsDatabase: join(home, "models.db"),
    keys: join(home, "keys"),
    knownHosts: join(home, "known_hosts"),
    logs: inHome(settings.paths.logs_dir ?? join(home, "logs")),
    run: join(home, "run"),
    models: inHome(settings.hive.models_dir ?? join(homeDirectory, ".local/share/rbee/models")),
    hiveKey: secret(settings.hive.api_key_file, "hive.key"),
    queenKey: secret(settings.queen.api_key_file, "queen.key"),
  };
}

// The keys of this machine's own programs are kept beside those of nodes.
const ownNames: ReadonlySet<string> = new Set(["hive", "queen"]);

/** Where the queen keeps the key of a registered machine's hive: never a file of her own machine. */
export function nodeKeyFile(keysFolder: string, node: string): string {
  // No node has an @ in its name. Some file systems do not tell `Hive` from `hive`.
  return join(keysFolder, ownNames.has(node.toLowerCase()) ? `${node}@node.key` : `${node}.key`);
}

/** `~/x` is x in the person's home; a relative path counts from the current directory. */
export function expandHome(path: string, homeDirectory: string): string {
  if (path === "~") return homeDirectory;
  if (path.startsWith("~/")) return join(homeDirectory, path.slice(2));
  return isAbsolute(path) ? path : resolve(path);
}
