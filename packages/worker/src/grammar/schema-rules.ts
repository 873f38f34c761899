import { sizes } from "@rbee/contract";
import { oneOf, spellText } from "./grammar-rules.ts";
import type { GrammarRules } from "./grammar-rules.ts";
import { spellIntegerRange } from "./integer-range.ts";
import { spellObject } from "./object-rules.ts";
import { isSchema, listUnsupported } from "./schema-keywords.ts";
import type { Schema } from "./schema-keywords.ts";
import { spellString } from "./string-rules.ts";

export interface SchemaOptions {
  /** Whether the properties of an object that says nothing of `required` are all written. */
  readonly isEveryPropertyWritten: boolean;
}

const fraction = `( "." [0-9]{1,16} )? ( [eE] [-+]? [0-9]{1,2} )?`;

/**
 * Writes JSON schemas as rules of a grammar. What a grammar cannot say is left out, which allows
 * more, and noted in `refusals`, by keyword and place.
 */
export class SchemaRules {
  readonly rules: GrammarRules;
  readonly options: SchemaOptions;
  readonly refusals: string[] = [];
  readonly #root: unknown;
  readonly #references = new Map<string, string>();

  constructor(rules: GrammarRules, root: unknown, options: SchemaOptions) {
    this.rules = rules;
    this.options = options;
    this.#root = root;
  }

  /** Space between the parts of a value; bounded, so that nobody can write it for ever. */
  get gap(): string {
    return this.rules.add(String.raw`| " " | "\n" [ \t]{0,24}`);
  }

  /** The name of the rule for the whole schema. */
  addRoot(): string {
    return this.spell({ $ref: "#" }, "$");
  }

  refuse(keyword: string, path: string): void {
    this.refusals.push(
      `the JSON schema keyword "${keyword}" at ${path} is not supported in this form`,
    );
  }

  /** The expression for a schema, mostly the name of a rule. */
  spell(schema: unknown, path: string): string {
    if (schema === true || schema === undefined) return this.#addAnyValue();
    if (!isSchema(schema)) {
      this.refusals.push(`the JSON schema at ${path} is not an object`);
      return this.#addAnyValue();
    }
    for (const keyword of listUnsupported(schema)) this.refuse(keyword, path);
    const body = this.#spellSchema(schema, path);
    return schema["nullable"] === true ? this.rules.add(`${body} | "null"`) : body;
  }

  /** How often something is there; where `most` is less than `least`, that is refused. */
  readCounts(
    schema: Schema,
    [leastKeyword, mostKeyword]: readonly [least: string, most: string],
    path: string,
  ): { readonly least: number; readonly most: number | undefined } {
    const least = this.#readCount(schema, leastKeyword, path) ?? 0;
    const most = this.#readCount(schema, mostKeyword, path);
    if (most === undefined || most >= least) return { least, most };
    this.refuse(mostKeyword, path);
    return { least, most: undefined };
  }

  #readCount(schema: Schema, keyword: string, path: string): number | undefined {
    const count = schema[keyword];
    if (count === undefined) return undefined;
    const isCount = typeof count === "number" && Number.isInteger(count) && count >= 0;
    // A larger one would make a rule for each of its numbers.
    if (isCount && count <= sizes.schemaCountMax) return count;
    this.refuse(keyword, path);
    return undefined;
  }

  #spellSchema(schema: Schema, path: string): string {
    const { $ref, type, anyOf, oneOf: choices, allOf } = schema;
    if ($ref !== undefined) return this.#spellReference($ref, path);
    if ("const" in schema) return this.#spellLiterals([schema["const"]], "const", path);
    if ("enum" in schema) return this.#spellLiterals(schema["enum"], "enum", path);
    if (anyOf !== undefined) return this.#spellUnion(anyOf, `${path}.anyOf`);
    if (choices !== undefined) return this.#spellUnion(choices, `${path}.oneOf`);
    if (allOf !== undefined) return this.#spellAll(schema, path);
    if (!Array.isArray(type)) return this.#spellType(schema, findType(schema), path);
    const bodies = type.map((one: unknown) => this.#spellType(schema, one, path));
    return this.rules.add(bodies.join(" | "));
  }

  #spellType(schema: Schema, type: unknown, path: string): string {
    if (type === undefined) return this.#addAnyValue();
    if (type === "object") return this.rules.add(spellObject(this, schema, path));
    if (type === "array") return this.rules.add(this.#spellArray(schema, path));
    if (type === "string") return this.rules.add(spellString(this, schema, path));
    if (type === "integer") return this.rules.add(this.#spellInteger(schema, path));
    if (type === "number") return this.rules.add(this.#spellNumber(schema, path));
    if (type === "boolean") return this.rules.add(`"true" | "false"`);
    if (type === "null") return `"null"`;
    this.refuse("type", path);
    return this.#addAnyValue();
  }

  // A pointer into this document. The name is known before the body is, for schemas that speak of
  // themselves.
  #spellReference(reference: unknown, path: string): string {
    const known = this.#references.get(String(reference));
    if (known !== undefined) return known;
    const target = findTarget(this.#root, reference);
    if (target === undefined) {
      this.refuse("$ref", path);
      return this.#addAnyValue();
    }
    const name = this.rules.reserve();
    this.#references.set(String(reference), name);
    this.rules.define(name, this.spell(target.schema, target.path));
    return name;
  }

  #spellLiterals(literals: unknown, keyword: string, path: string): string {
    const count = Array.isArray(literals) ? literals.length : 0;
    if (!Array.isArray(literals) || count === 0 || count > sizes.schemaCountMax) {
      this.refuse(keyword, path);
      return this.#addAnyValue();
    }
    return this.rules.add(literals.map((one) => spellText(JSON.stringify(one))).join(" | "));
  }

  #spellUnion(members: unknown, path: string): string {
    if (!Array.isArray(members) || members.length === 0) {
      this.refuse(path.endsWith("anyOf") ? "anyOf" : "oneOf", path);
      return this.#addAnyValue();
    }
    const bodies = members.map((member, index) => this.spell(member, `${path}[${index}]`));
    return this.rules.add(bodies.join(" | "));
  }

  // Objects are joined property by property; anything else must be one schema alone.
  #spellAll(schema: Schema, path: string): string {
    const { allOf, ...rest } = schema;
    const members: readonly unknown[] = Array.isArray(allOf) ? allOf : [];
    const hasOwnShape = "properties" in rest;
    if (members.length === 1 && !hasOwnShape) return this.spell(members[0], `${path}.allOf[0]`);
    const all = [...members, rest].map((member) => this.#resolve(member));
    const isObject = (one: Schema) => one === rest || findType(one) === "object";
    if (members.length === 0 || !all.every((one) => isSchema(one) && isObject(one))) {
      this.refuse("allOf", path);
      return this.#addAnyValue();
    }
    return this.spell(joinObjects(all), path);
  }

  #resolve(schema: unknown): Schema {
    const target = isSchema(schema) ? findTarget(this.#root, schema["$ref"])?.schema : undefined;
    return (target ?? schema) as Schema;
  }

  #spellInteger(schema: Schema, path: string): string {
    const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = schema;
    const low = typeof above === "number" ? Math.floor(above) + 1 : minimum;
    const high = typeof below === "number" ? Math.ceil(below) - 1 : maximum;
    const range = spellIntegerRange({
      minimum: typeof low === "number" ? low : undefined,
      maximum: typeof high === "number" ? high : undefined,
    });
    if (range !== undefined) return range;
    this.refuse("maximum", path);
    return spellIntegerRange({}) ?? "";
  }

  // Of bounds only the one at zero can be said without knowing the digits.
  #spellNumber(schema: Schema, path: string): string {
    const { minimum } = schema;
    for (const keyword of ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]) {
      const bound = schema[keyword];
      const isBoundless = Math.abs(Number(bound)) >= Number.MAX_SAFE_INTEGER;
      const isZeroMinimum = keyword === "minimum" && bound === 0;
      if (bound !== undefined && !isBoundless && !isZeroMinimum) this.refuse(keyword, path);
    }
    const sign = minimum === 0 ? "" : `"-"? `;
    return `${sign}( "0" | [1-9] [0-9]{0,14} ) ${fraction}`;
  }

  #spellArray(schema: Schema, path: string): string {
    const { items, prefixItems } = schema;
    const first: readonly unknown[] = Array.isArray(prefixItems) ? prefixItems : [];
    const { least, most } = this.readCounts(schema, ["minItems", "maxItems"], path);
    if (most !== undefined && most < first.length) this.refuse("maxItems", path);
    const gap = this.gap;
    const firsts = first.map((item, index) => this.spell(item, `${path}.prefixItems[${index}]`));
    if (items === false) return `"[" ${gap} ${firsts.join(` "," ${gap} `)} ${gap} "]"`;
    const item = this.spell(items, `${path}.items`);
    const listed = [...firsts, ...Array.from({ length: firsts.length > 0 ? 0 : 1 }, () => item)];
    const left = most === undefined ? "" : Math.max(0, most - listed.length);
    const more = `( "," ${gap} ${item} ){${Math.max(0, least - listed.length)},${left}}`;
    const inner = `${listed.join(` "," ${gap} `)} ${more} ${gap}`;
    if (most === 0) return `"[" ${gap} "]"`;
    const canBeEmpty = firsts.length === 0 && least === 0;
    return `"[" ${gap} ${canBeEmpty ? `( ${inner} )?` : inner} "]"`;
  }

  #addAnyValue(): string {
    const known = this.#references.get("any");
    if (known !== undefined) return known;
    const name = this.rules.reserve();
    this.#references.set("any", name);
    const bodies = ["string", "number", "boolean", "null", "array", "object"].map((type) =>
      this.#spellType({}, type, "$"),
    );
    this.rules.define(name, oneOf(bodies));
    return name;
  }
}

function findType(schema: Schema): unknown {
  if (schema["type"] !== undefined) return schema["type"];
  if ("properties" in schema || "additionalProperties" in schema) return "object";
  return "items" in schema || "prefixItems" in schema ? "array" : undefined;
}

function joinObjects(schemas: readonly Schema[]): Schema {
  const properties = schemas.map((schema) => schema["properties"] as object | undefined);
  const required = schemas.flatMap((schema) => (schema["required"] as string[] | undefined) ?? []);
  return { type: "object", properties: Object.assign({}, ...properties), required };
}

// What is no percent-encoding is what it says.
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// RFC 6901; only what this document holds itself.
function findTarget(
  root: unknown,
  reference: unknown,
): { readonly schema: unknown; readonly path: string } | undefined {
  if (typeof reference !== "string" || !/^#(?:\/|$)/.test(reference)) return undefined;
  let schema = root;
  let path = "$";
  for (const part of reference.split("/").slice(1)) {
    const key = decodePart(part).replace(/~1/g, "/").replace(/~0/g, "~");
    const isThere = typeof schema === "object" && schema !== null && Object.hasOwn(schema, key);
    if (!isThere) return undefined;
    schema = (schema as Record<string, unknown>)[key];
    path += `.${key}`;
  }
  return { schema, path };
}
