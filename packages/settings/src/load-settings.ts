import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RbeeError } from "@rbee/contract";
import type { FieldError } from "@rbee/contract";
import { parse, TomlError } from "smol-toml";
import type { z } from "zod";
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

type Tree = Record<string, Record<string, unknown>>;

// Names of the environment that begin like a setting and are none.
const reservedVariables = new Set(["RBEE_CONFIG", "RBEE_HOME"]);

/**
 * Reads the configuration: flags > environment > one file > defaults. Throws
 * INVALID_CONFIGURATION that names every wrong key with what was expected.
 */
export function loadSettings(input: SettingsInput): LoadedSettings {
  const file = findConfigFile(input);
  const sources = new Map<string, SettingSource>();
  const tree: Tree = {};
  if (file !== null) merge(tree, readConfigFile(file), { sources, source: "file" });
  const environment = readEnvironment(input.environment);
  merge(tree, environment.tree, { sources, source: "environment" });
  merge(tree, withoutUndefined(input.flags ?? {}), { sources, source: "flag" });
  const parsed = Settings.safeParse(tree);
  const errors = [...environment.errors, ...(parsed.success ? [] : fieldErrors(parsed.error))];
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

function readConfigFile(file: string): Tree {
  try {
    return parse(readFileSync(file, "utf8")) as Tree;
  } catch (error) {
    const message =
      error instanceof TomlError
        ? (error.message.split("\n")[0] ?? "not valid TOML")
        : "the file cannot be read";
    const errors = [{ field: "file", constraint: "readable TOML", message }];
    throw new RbeeError("INVALID_CONFIGURATION", { file, errors }, { cause: error });
  }
}

// RBEE_<SECTION>_<KEY>: the section is the first word, so keys may contain underscores.
function readEnvironment(environment: SettingsInput["environment"]) {
  const tree: Tree = {};
  const errors: FieldError[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith("RBEE_") || reservedVariables.has(name) || text === undefined) continue;
    const [section = "", ...words] = name.slice("RBEE_".length).toLowerCase().split("_");
    const key = words.join("_");
    if (!(section in Settings.shape) || key === "") {
      errors.push({ field: name, constraint: "known", message: "names no setting" });
      continue;
    }
    (tree[section] ??= {})[key] = parseScalar(section, text);
  }
  return { tree, errors };
}

// Environment values are text; numbers and booleans are read as TOML would read them.
function parseScalar(section: string, text: string): unknown {
  if (section === "aliases") return text;
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

function withoutUndefined(flags: NonNullable<SettingsInput["flags"]>): Tree {
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

function merge(tree: Tree, other: Tree, { sources, source }: MergeTarget): void {
  for (const [section, values] of Object.entries(other)) {
    if (typeof values !== "object" || values === null) {
      tree[section] = values;
      continue;
    }
    for (const [key, value] of Object.entries(values)) {
      (tree[section] ??= {})[key] = value;
      sources.set(`${section}.${key}`, source);
    }
  }
}

function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const field = issue.path.join(".");
    if (issue.code !== "unrecognized_keys") {
      return [{ field, constraint: issue.code, message: issue.message }];
    }
    return issue.keys.map((key) => ({
      field: field === "" ? key : `${field}.${key}`,
      constraint: "known",
      message: "is no setting of rbee",
    }));
  });
}
