import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RbeeError } from "@rbee/contract";
import { parse, TomlError } from "smol-toml";
import { describeWrongSettings } from "./describe-wrong-settings.ts";
import { readEnvironment } from "./read-environment.ts";
import { Settings } from "./settings-schema.ts";

export type SettingSource = "default" | "file" | "environment" | "flag";

export interface LoadedSettings {
  readonly settings: Settings;
  /** The one file that was read; files do not merge. */
  readonly file: string | null;
  /** Where each value comes from, by `section.key`; what is absent is a default. */
  readonly sources: ReadonlyMap<string, SettingSource>;
}

export interface SettingsInput {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  /** From `--config`; stands above RBEE_CONFIG. */
  readonly configFile?: string | undefined;
  /** Values from other flags, by section and key; undefined values are not given. */
  readonly flags?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Values by section and key, as they were found. */
export type SettingsTree = Record<string, unknown>;

/**
 * Reads the configuration: flags > environment > one file > defaults. Throws
 * INVALID_CONFIGURATION that names every wrong key with what was expected.
 */
export function loadSettings(input: SettingsInput): LoadedSettings {
  const file = findConfigFile(input);
  const sources = new Map<string, SettingSource>();
  // Without a prototype: whatever a section is called, it is an entry and nothing else.
  const tree = Object.create(null) as SettingsTree;
  if (file !== null) merge(tree, readConfigFile(file), { sources, source: "file" });
  const environment = readEnvironment(input.environment);
  merge(tree, environment.tree, { sources, source: "environment" });
  merge(tree, withoutUndefined(input.flags ?? {}), { sources, source: "flag" });
  const parsed = Settings.safeParse(tree);
  const wrong = parsed.success ? [] : describeWrongSettings(parsed.error, sources);
  const errors = [...environment.errors, ...wrong];
  if (!parsed.success || errors.length > 0) {
    throw new RbeeError("INVALID_CONFIGURATION", { file, errors });
  }
  return { settings: parsed.data, file, sources };
}

function findConfigFile({ configFile, environment, homeDirectory }: SettingsInput): string | null {
  const named = configFile ?? environment["RBEE_CONFIG"];
  if (named !== undefined && named !== "") return named;
  const candidates = [join(homeDirectory, ".config/rbee/config.toml"), "/etc/rbee/config.toml"];
  return candidates.find((candidate) => existsSync(candidate)) ?? null;
}

function readConfigFile(file: string): SettingsTree {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    const message = describeUnreadable(error);
    const errors = [{ field: "file", constraint: "readable TOML", message }];
    throw new RbeeError("INVALID_CONFIGURATION", { file, errors }, { cause: error });
  }
}

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: "the file does not exist",
  EISDIR: "it is a folder, not a file",
  EACCES: "no permission to read the file",
};

function describeUnreadable(error: unknown): string {
  if (error instanceof TomlError) {
    const [sentence = "not valid TOML"] = error.message.split("\n");
    return `${sentence} (line ${error.line}, column ${error.column})`;
  }
  const { code = "" } = error as NodeJS.ErrnoException;
  return unreadable[code] ?? "the file cannot be read";
}

function withoutUndefined(flags: NonNullable<SettingsInput["flags"]>): SettingsTree {
  const given = (section: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined));
  return Object.fromEntries(
    Object.entries(flags).map(([name, section]) => [name, given(section)] as const),
  );
}

interface MergeTarget {
  readonly sources: Map<string, SettingSource>;
  readonly source: SettingSource;
}

function merge(tree: SettingsTree, other: SettingsTree, target: MergeTarget): void {
  for (const [section, values] of Object.entries(other)) {
    const known = tree[section];
    // Something else than a section stays as it is: that it is none is said once, below.
    if (!isSection(values) || (known !== undefined && !isSection(known))) {
      tree[section] ??= values;
      continue;
    }
    tree[section] = { ...known, ...values };
    for (const key of Object.keys(values)) target.sources.set(`${section}.${key}`, target.source);
  }
}

function isSection(values: unknown): values is Readonly<Record<string, unknown>> {
  return typeof values === "object" && values !== null && !Array.isArray(values);
}
