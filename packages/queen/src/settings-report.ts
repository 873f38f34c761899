import type { LoadedSettings } from "@rbee/settings";
import type { SettingsReport } from "./http/http-world.ts";

/** The effective configuration, key by key, with where each value comes from. */
export function reportSettings({ settings, file, sources }: LoadedSettings): SettingsReport {
  const entries = Object.entries(settings).flatMap(([section, values]) =>
    Object.entries(values as Record<string, string | number | boolean | undefined>)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ({ name: `${section}.${key}`, value: value ?? null })),
  );
  return {
    config_file: file,
    settings: entries.map(({ name, value }) => ({
      name,
      value,
      source: sources.get(name) ?? "default",
    })),
  };
}
