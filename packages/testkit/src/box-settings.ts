import type { Settings } from "@rbee/settings";

/** A part of the configuration, by section and key as in the TOML file. */
export type SettingsTree = {
  readonly [Section in keyof Settings]?: Partial<Settings[Section]>;
};

export interface BoxPorts {
  readonly queenPort: number;
  readonly hivePort: number;
  readonly workerPortBase: number;
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
  const merged: Record<string, object> = { ...base };
  for (const [section, values] of Object.entries(change)) {
    merged[section] = { ...merged[section], ...values };
  }
  return merged;
}
