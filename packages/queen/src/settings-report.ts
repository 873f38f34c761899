import type { LiveSettings } from "@rbee/daemon";
import type { SettingsReport } from "./http/http-world.ts";

type Value = string | number | boolean | undefined;

/** The effective configuration, key by key, with where each value comes from. */
export function reportSettings(live: Pick<LiveSettings, "current" | "waiting">): SettingsReport {
  const { settings, file, sources } = live.current();
  const afterRestart = new Map(live.waiting().map(({ setting, after }) => [setting, after]));
  const entries = Object.entries(settings).flatMap(([section, values]) =>
    Object.entries(values as Record<string, Value>).map(
      ([key, value]) => [`${section}.${key}`, value] as const,
    ),
  );
  const known = new Map([...entries, ...unsetEntries(afterRestart, entries)]);
  return {
    config_file: file,
    settings: [...known]
      .filter(([name, value]) => value !== undefined || afterRestart.has(name))
      .map(([name, value]) => ({
        name,
        value: value ?? null,
        source: sources.get(name) ?? "default",
        ...(afterRestart.has(name)
          ? { after_restart: (afterRestart.get(name) as Value) ?? null }
          : {}),
      })),
  };
}

// Set since, but not yet in force.
function unsetEntries(
  afterRestart: ReadonlyMap<string, unknown>,
  entries: readonly (readonly [string, Value])[],
): (readonly [string, Value])[] {
  const names = new Set(entries.map(([name]) => name));
  return [...afterRestart.keys()]
    .filter((name) => !names.has(name))
    .map((name) => [name, undefined] as const);
}
