import { modelReferenceForms, parseModelReference, RbeeError } from "@rbee/contract";
import type { ModelReference } from "@rbee/contract";

/** The reference behind a text, after aliases. Throws INVALID_MODEL_REF. */
export function resolveModel(
  text: string,
  aliases: Readonly<Record<string, string>>,
): ModelReference {
  const name = Object.hasOwn(aliases, text) ? (aliases[text] ?? text) : text;
  const reference = parseModelReference(name);
  if (reference !== undefined) return reference;
  throw new RbeeError("INVALID_MODEL_REF", { forms: [...modelReferenceForms] });
}

/** What the catalogue is asked for: an id stays as it is, a reference gets its one spelling. */
export function catalogueName(text: string, aliases: Readonly<Record<string, string>>): string {
  const name = Object.hasOwn(aliases, text) ? (aliases[text] ?? text) : text;
  return parseModelReference(name)?.text ?? name;
}
