import { sizes } from "@rbee/contract";
import { spellText } from "./grammar-rules.ts";
import { isSchema } from "./schema-keywords.ts";
import type { Schema } from "./schema-keywords.ts";
import type { SchemaRules } from "./schema-rules.ts";
import { addOtherName } from "./string-rules.ts";

/** The expression for an object of this schema: its properties in the order of the schema. */
export function spellObject(schema: SchemaRules, keywords: Schema, path: string): string {
  const { properties } = keywords;
  const { gap } = schema;
  if (isSchema(properties) && Object.keys(properties).length > sizes.schemaCountMax) {
    schema.refuse("properties", path);
    return spellMap(schema, { keywords, path, other: schema.spell(true, path) });
  }
  const members = listMembers(schema, keywords, path);
  const other = findOther(schema, keywords, path);
  if (members.length === 0) {
    return other === undefined ? `"{" ${gap} "}"` : spellMap(schema, { keywords, path, other });
  }
  for (const keyword of ["minProperties", "maxProperties"]) {
    if (keyword in keywords) schema.refuse(keyword, path);
  }
  const names = members.map(({ name }) => name);
  const more = other === undefined ? "" : `( "," ${gap} ${addPair(schema, names, other)} )*`;
  const only = other === undefined ? "" : `( ${addPair(schema, names, other)} ${more} ${gap} )?`;
  const body = chainMembers(schema, members, { more: `${more} ${gap}`, only });
  return `"{" ${gap} ${body} "}"`;
}

interface Member {
  readonly name: string;
  readonly pair: string;
  readonly isRequired: boolean;
}

function listMembers(schema: SchemaRules, keywords: Schema, path: string): Member[] {
  const { properties, required } = keywords;
  if (properties !== undefined && !isSchema(properties)) schema.refuse("properties", path);
  const declared = isSchema(properties) ? properties : {};
  const needed = Array.isArray(required) ? required.map(String) : undefined;
  const isRequired = (name: string): boolean =>
    needed === undefined ? schema.options.isEveryPropertyWritten : needed.includes(name);
  const undeclared = (needed ?? []).filter((name) => !Object.hasOwn(declared, name));
  const entries = [
    ...Object.entries(declared).filter(([, one]) => one !== false),
    ...[...new Set(undeclared)].map((name) => [name, true] as const),
  ];
  return entries.map(([name, one]) => ({
    name,
    isRequired: isRequired(name),
    pair: schema.rules.add(
      `${spellText(JSON.stringify(name))} ":" " "? ${schema.spell(one, `${path}.properties.${name}`)}`,
    ),
  }));
}

// An object that declares nothing may have anything; one that declares something has what it
// declares, which every schema allows.
function findOther(schema: SchemaRules, keywords: Schema, path: string): string | undefined {
  const { properties, additionalProperties: others } = keywords;
  const isOpen = others ?? properties === undefined;
  return isOpen === false ? undefined : schema.spell(isOpen, `${path}.additionalProperties`);
}

function addPair(schema: SchemaRules, names: readonly string[], value: string): string {
  return schema.rules.add(`${addOtherName(schema, names)} ":" " "? ${value}`);
}

function spellMap(
  schema: SchemaRules,
  map: { readonly keywords: Schema; readonly path: string; readonly other: string },
): string {
  const { keywords, path, other } = map;
  const { gap } = schema;
  const { least, most } = schema.readCounts(keywords, ["minProperties", "maxProperties"], path);
  if (most === 0) return `"{" ${gap} "}"`;
  const pair = addPair(schema, [], other);
  const more = `( "," ${gap} ${pair} ){${Math.max(0, least - 1)},${most === undefined ? "" : most - 1}}`;
  const inner = `${pair} ${more} ${gap}`;
  return `"{" ${gap} ${least > 0 ? inner : `( ${inner} )?`} "}"`;
}

// From the last member to the first: what may follow when nothing has been written yet, and what
// when a comma is due. So commas are right whichever of the optional ones are left out.
function chainMembers(
  { rules, gap }: SchemaRules,
  members: readonly Member[],
  ends: { readonly more: string; readonly only: string },
): string {
  let [first, later] = [ends.only, ends.more];
  for (const { pair, isRequired } of members.toReversed()) {
    const begin = `${pair} ${later}`;
    const go = `"," ${gap} ${pair} ${later}`;
    [first, later] = isRequired
      ? [rules.add(begin), rules.add(go)]
      : [rules.add(`${first} | ${begin}`), rules.add(`${later} | ${go}`)];
  }
  return first;
}
