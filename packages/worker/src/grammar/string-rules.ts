import { spellCharacters } from "./grammar-rules.ts";
import type { Schema } from "./schema-keywords.ts";
import type { SchemaRules } from "./schema-rules.ts";

const character = String.raw`[^"\\\x7F\x00-\x1F] | "\\" ( ["\\/bfnrt] | "u" [0-9a-fA-F]{4} )`;
const date = `[0-9]{4} "-" ( "0" [1-9] | "1" [0-2] ) "-" ( "0" [1-9] | [1-2] [0-9] | "3" [0-1] )`;
const clock = `( [0-1] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] ":" [0-5] [0-9] ( "." [0-9]{1,3} )?`;
const offset = `( "Z" | [-+] ( [0-1] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] )`;
const hex = "[0-9a-f]";
const formats: ReadonlyMap<unknown, string> = new Map([
  ["date", date],
  ["time", `${clock} ${offset}`],
  ["date-time", `${date} "T" ${clock} ${offset}`],
  ["uuid", `${hex}{8} "-" ${hex}{4} "-" ${hex}{4} "-" ${hex}{4} "-" ${hex}{12}`],
]);

/** The expression for a string of this schema, quotes and all. */
export function spellString(schema: SchemaRules, keywords: Schema, path: string): string {
  const { format } = keywords;
  const known = formats.get(format);
  if (known !== undefined) return `"\\"" ${known} "\\""`;
  if (format !== undefined) schema.refuse("format", path);
  const { least, most = "" } = schema.readCounts(keywords, ["minLength", "maxLength"], path);
  const one = schema.rules.add(character);
  return `"\\"" ${one}{${least},${most}} "\\""`;
}

/**
 * The rule for the name of a property that is none of these, quotes and all. Such names are spelled
 * without escapes: an escape could spell one of these in another way.
 */
export function addOtherName({ rules }: SchemaRules, names: readonly string[]): string {
  const plain = String.raw`"\\\x7F\x00-\x1F`;
  const rest = rules.add(`[^${plain}]* "\\""`);
  const spell = (prefix: string): string => {
    const next = new Set(
      names
        .filter((name) => name.startsWith(prefix) && name !== prefix)
        .map((name) => String.fromCodePoint(name.codePointAt(prefix.length) ?? 0)),
    );
    const steps = [...next].map(
      (character) => `[${spellCharacters([character])}] ${spell(prefix + character)}`,
    );
    const end = names.includes(prefix) ? [] : [`"\\""`];
    return rules.add([...end, ...steps, `[^${plain}${spellCharacters(next)}] ${rest}`].join(" | "));
  };
  return rules.add(`"\\"" ${spell("")}`);
}
