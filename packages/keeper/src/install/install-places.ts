import { join } from "node:path";

/** Where an installation on this machine has its parts. All paths are absolute. */
export interface InstallPlaces {
  readonly isSystem: boolean;
  /** Holds `versions/` and `current`. */
  readonly root: string;
  /** Where the person's shell finds programs. */
  readonly binaries: string;
  readonly configFile: string;
  readonly models: string;
  readonly cache: string;
}

interface PlacesInput {
  readonly isSystem: boolean;
  readonly homeDirectory: string;
  readonly rbeeHome: string;
}

export function installPlaces({ isSystem, homeDirectory, rbeeHome }: PlacesInput): InstallPlaces {
  if (isSystem) {
    return {
      isSystem,
      root: "/usr/local/lib/rbee",
      binaries: "/usr/local/bin",
      configFile: "/etc/rbee/config.toml",
      models: "/var/lib/rbee/models",
      cache: "/var/cache/rbee",
    };
  }
  const share = join(homeDirectory, ".local/share/rbee");
  return {
    isSystem,
    root: share,
    binaries: join(homeDirectory, ".local/bin"),
    configFile: join(homeDirectory, ".config/rbee/config.toml"),
    models: join(share, "models"),
    cache: join(rbeeHome, "cache"),
  };
}
