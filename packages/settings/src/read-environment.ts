import type { FieldError } from "@rbee/contract";
import type { z } from "zod";
import type { SettingsInput, SettingsTree } from "./load-settings.ts";
import { listKeys, schemaOf } from "./settings-keys.ts";
import { Settings } from "./settings-schema.ts";

// Names of the environment that begin like a setting and are none.
const reservedVariables = new Set(["RBEE_CONFIG", "RBEE_HOME", "RBEE_LAUNCHER"]);

interface EnvironmentSettings {
  readonly tree: SettingsTree;
  /** Variables that name no setting. */
  readonly errors: readonly FieldError[];
}

/**
 * Reads RBEE_<SECTION>_<KEY>: the section is the first word, so keys may contain underscores. An
 * empty variable is as good as none.
 */
export function readEnvironment(environment: SettingsInput["environment"]): EnvironmentSettings {
  const tree: Record<string, Record<string, unknown>> = {};
  const errors: FieldError[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith("RBEE_") || reservedVariables.has(name)) continue;
    if (text === undefined || text === "") continue;
    const [section = "", ...words] = name.slice("RBEE_".length).toLowerCase().split("_");
    const key = words.join("_");
    const problem = findProblem(section, key);
    if (problem === undefined) (tree[section] ??= {})[key] = parseScalar({ section, key, text });
    else errors.push({ field: name, constraint: "known", message: problem });
  }
  return { tree, errors };
}

function findProblem(section: string, key: string): string | undefined {
  if (!Object.hasOwn(Settings.shape, section)) {
    return `names no setting; sections are ${Object.keys(Settings.shape).join(", ")}`;
  }
  if (section === "aliases") return key === "" ? "needs a name: RBEE_ALIASES_<NAME>" : undefined;
  const keys = listKeys(section);
  return keys.includes(key) ? undefined : `names no setting; [${section}] has ${keys.join(", ")}`;
}

interface Scalar {
  readonly section: string;
  readonly key: string;
  readonly text: string;
}

// What may be text is text; numbers and booleans are read as TOML would read them.
function parseScalar({ section, key, text }: Scalar): unknown {
  const schema: z.ZodType | undefined = schemaOf(section, key);
  if (schema === undefined || schema.safeParse(text).success) return text;
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
