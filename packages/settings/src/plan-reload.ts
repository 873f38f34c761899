import type { LoadedSettings } from "./load-settings.ts";
import type { Settings } from "./settings-schema.ts";

/** What a program does with a setting that was changed while it runs. */
export type ReloadPolicy = (setting: string) => "follow" | "restart" | "ignore";

export interface SettingChange {
  /** `section.key`. */
  readonly setting: string;
  /** Undefined: not set. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface ReloadPlan {
  /** The old configuration with the changes that are followed. */
  readonly effective: LoadedSettings;
  readonly followed: readonly SettingChange[];
  readonly waiting: readonly SettingChange[];
}

type Values = Readonly<Record<string, unknown>>;

/** Decides which of the changes between two configurations a running program takes over. */
export function planReload(
  before: LoadedSettings,
  after: LoadedSettings,
  policy: ReloadPolicy,
): ReloadPlan {
  const changes = listChanges(before.settings, after.settings);
  const followed = changes.filter(({ setting }) => policy(setting) === "follow");
  const waiting = changes.filter(({ setting }) => policy(setting) === "restart");
  const isWaiting = new Set(waiting.map(({ setting }) => setting));
  return { effective: withoutWaiting(before, after, isWaiting), followed, waiting };
}

function listChanges(before: Settings, after: Settings): SettingChange[] {
  return Object.keys(after).flatMap((section) => {
    const [old, now] = [sectionOf(before, section), sectionOf(after, section)];
    return [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .filter((key) => old[key] !== now[key])
      .map((key) => ({ setting: `${section}.${key}`, before: old[key], after: now[key] }));
  });
}

function withoutWaiting(
  before: LoadedSettings,
  after: LoadedSettings,
  isWaiting: ReadonlySet<string>,
): LoadedSettings {
  const settings = structuredClone(after.settings);
  const sources = new Map(after.sources);
  for (const setting of isWaiting) {
    const [section = "", key = ""] = splitSetting(setting);
    const values = sectionOf(settings, section) as Record<string, unknown>;
    const old = sectionOf(before.settings, section)[key];
    if (old === undefined) delete values[key];
    else values[key] = old;
    const source = before.sources.get(setting);
    if (source === undefined) sources.delete(setting);
    else sources.set(setting, source);
  }
  return { settings, file: after.file, sources };
}

// Names of aliases may contain dots, names of sections may not.
function splitSetting(setting: string): readonly string[] {
  const at = setting.indexOf(".");
  return [setting.slice(0, at), setting.slice(at + 1)];
}

function sectionOf(settings: Settings, section: string): Values {
  return (settings as Readonly<Record<string, Values>>)[section] ?? {};
}
