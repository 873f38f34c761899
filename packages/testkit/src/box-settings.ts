import { stringify } from "smol-toml";

/**
 * A part of the configuration, by section and key as in the TOML file. Loose on purpose: tests
 * write wrong configurations too. An undefined value takes a key away.
 */
export type SettingsTree = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface BoxPorts {
  readonly queenPort: number;
  readonly hivePort: number;
  readonly workerPortBase: number;
}

/** The configuration as a TOML file. */
export function settingsText(settings: SettingsTree): string {
  return stringify(settings);
}

/** What keeps the programs of one box on the ports of that box. */
export function portSettings({ queenPort, hivePort, workerPortBase }: BoxPorts): SettingsTree {
  return {
    queen: { port: queenPort },
    hive: { port: hivePort, worker_port_base: workerPortBase },
    keeper: { queen_url: `http://127.0.0.1:${queenPort}` },
  };
}

export function mergeSettings(base: SettingsTree, change: SettingsTree): SettingsTree {
  const merged: Record<string, Readonly<Record<string, unknown>>> = { ...base };
  for (const [section, values] of Object.entries(change)) {
    const entries = Object.entries({ ...merged[section], ...values });
    merged[section] = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }
  return merged;
}
