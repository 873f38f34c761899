import { parseModelReference } from "@rbee/contract";

/**
 * An entry of a key's models in the form in which references are compared: an alias becomes what it
 * stands for now, a reference its canonical form, a pattern stays. Undefined when it is none.
 */
export function resolveKeyModel(
  entry: string,
  aliases: Readonly<Record<string, string>>,
): string | undefined {
  const named = Object.hasOwn(aliases, entry) ? (aliases[entry] ?? entry) : entry;
  if (!named.endsWith("*")) return parseModelReference(named)?.text;
  // Only where a part of a name begins: `hf:org*` would be `hf:organ/repo`, too.
  const isPattern = /^(?:hf:|file:\/)[^*]*\*$/.test(named) && /[/:]\*$/.test(named);
  const hasWayBack = named.split("/").some((part) => part === ".." || part === ".");
  return isPattern && !hasWayBack ? named : undefined;
}
