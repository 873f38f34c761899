import { basename, delimiter, dirname } from "node:path";
import { commandTable } from "../command-table.ts";
import type { Environment } from "../keeper.ts";

const firstWords = new Set(Object.keys(commandTable).map((path) => path.split(" ", 1)[0]));

/**
 * Text for a person, in which commands are written as they can type them: in a clone `./rbee infer`
 * instead of `rbee-keeper infer`. The launcher says how it was called.
 */
export function nameCommands(text: string, environment: Environment): string {
  const launcher = environment["RBEE_LAUNCHER"] ?? "";
  // What a shell would not take as one word helps nobody.
  if (!/^[\w./-]+$/.test(launcher)) return text;
  const folders = (environment["PATH"] ?? "").split(delimiter);
  const name = folders.includes(dirname(launcher)) ? basename(launcher) : launcher;
  return text.replaceAll(/\brbee-keeper (?=(--queen|[a-z]+)\b)/g, (found, word: string) =>
    word === "--queen" || firstWords.has(word) ? `${name} ` : found,
  );
}
