import { stringify } from "smol-toml";
import type { SettingsTree } from "./box-settings.ts";

/** Settings as a configuration file says them. */
export function settingsText(settings: SettingsTree): string {
  return stringify(settings);
}
