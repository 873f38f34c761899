import { bundledModelReference, parseModelReference } from "@rbee/contract";

/**
 * The reference that a client means: an alias is replaced, the default filled in, the text brought
 * into its one canonical form. Undefined when it has none of the known forms.
 */
export function resolveModel(
  asked: string | undefined,
  aliases: Readonly<Record<string, string>>,
): string | undefined {
  const name = asked ?? bundledModelReference;
  const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  return parseModelReference(alias ?? name)?.text;
}
