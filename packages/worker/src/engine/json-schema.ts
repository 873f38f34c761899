// llama.cpp's library turns a subset of JSON Schema into a grammar and reads anything else as
// `null`. This file brings a schema into that subset, and refuses by name what cannot be honoured.
import { EngineError } from "../engine.ts";

type Schema = Readonly<Record<string, unknown>>;

const anyScalar: Schema = { type: ["string", "number", "boolean", "null"] };
const anyObject: Schema = { type: "object", additionalProperties: true };
const anyValue: Schema = { oneOf: [anyScalar, { type: "array" }, anyObject] };

const annotations: ReadonlySet<string> = new Set(
  "title description $schema $id $comment default examples deprecated readOnly writeOnly".split(
    " ",
  ),
);
const keywordsByShape = {
  union: ["anyOf", "oneOf", "allOf", "type"],
  literal: ["const", "enum", "type"],
  reference: ["$ref"],
  string: ["type", "minLength", "maxLength", "format"],
  number: ["type", "minimum", "maximum"],
  array: ["type", "items", "prefixItems", "minItems", "maxItems"],
  object: [
    ["type", "properties", "required", "additionalProperties"],
    ["minProperties", "maxProperties"],
  ].flat(),
  other: ["type"],
} as const;
const formats: ReadonlySet<unknown> = new Set(["date-time", "time", "date"]);

/** The same schema in the library's subset. Throws `invalid-request` for what is outside of it. */
export function adaptJsonSchema(schema: unknown): Schema {
  const root = requireSchema(schema, "$");
  const { $defs, ...rest } = root;
  const adapted = adapt(rest, "$");
  if ($defs === undefined) return adapted;
  return { ...adapted, $defs: adaptEach(requireSchema($defs, "$.$defs"), "$.$defs") };
}

function adapt(schema: unknown, path: string): Schema {
  if (schema === true) return anyValue;
  const { keywords, shape } = describe(requireSchema(schema, path));
  requireKeywords(keywords, shape, path);
  if (shape === "union") return adaptUnion(keywords, path);
  if (shape === "literal") return adaptLiteral(keywords, path);
  if (shape === "array") return adaptArray(keywords, path);
  if (shape === "object") return adaptObject(keywords, path);
  if (shape === "string") return adaptString(keywords, path);
  if (shape === "number") return adaptNumber(keywords, path);
  return Object.keys(keywords).length === 0 ? anyValue : keywords;
}

function describe(schema: Schema): {
  readonly keywords: Schema;
  readonly shape: keyof typeof keywordsByShape;
} {
  const entries = Object.entries(schema).filter(([key]) => !annotations.has(key));
  const keywords = Object.fromEntries(entries);
  return { keywords, shape: findShape(keywords) };
}

function findShape(keywords: Schema): keyof typeof keywordsByShape {
  const { type } = keywords;
  if ("$ref" in keywords) return "reference";
  if ("const" in keywords || "enum" in keywords) return "literal";
  if ("anyOf" in keywords || "oneOf" in keywords || "allOf" in keywords) return "union";
  if (Array.isArray(type)) return "union";
  if (type === "object" || (type === undefined && "properties" in keywords)) return "object";
  if (type === "array" || (type === undefined && "items" in keywords)) return "array";
  if (type === "string") return "string";
  return type === "number" || type === "integer" ? "number" : "other";
}

function adaptUnion(keywords: Schema, path: string): Schema {
  const { type } = keywords;
  if (Array.isArray(type)) {
    const { type: _types, ...rest } = keywords;
    if (Object.keys(rest).length > 0) throw unsupported("type", path);
    return { oneOf: type.map((one) => adapt({ type: one as unknown }, path)) };
  }
  const names = ["anyOf", "oneOf", "allOf"].filter((name) => name in keywords);
  const name = names[0] ?? "oneOf";
  const members = keywords[name];
  if (names.length > 1 || !Array.isArray(members)) throw unsupported(name, path);
  if (name === "allOf" && members.length !== 1) throw unsupported(name, path);
  return { oneOf: members.map((member, index) => adapt(member, `${path}.${name}[${index}]`)) };
}

function adaptLiteral(keywords: Schema, path: string): Schema {
  const literals = "const" in keywords ? [keywords["const"]] : keywords["enum"];
  if (!Array.isArray(literals) || literals.length === 0) throw unsupported("enum", path);
  const isPlain = literals.every((literal) => literal === null || typeof literal !== "object");
  if (!isPlain) throw unsupported("const" in keywords ? "const" : "enum", path);
  return { enum: literals };
}

function adaptString(keywords: Schema, path: string): Schema {
  if ("format" in keywords && !formats.has(keywords["format"])) throw unsupported("format", path);
  return keywords;
}

// Bounds cannot be enforced by the grammar; those of every safe integer, which schema libraries
// write by themselves, are no bounds.
function adaptNumber({ type, minimum, maximum }: Schema, path: string): Schema {
  const isBoundless = (bound: unknown): boolean =>
    bound === undefined || Math.abs(Number(bound)) >= Number.MAX_SAFE_INTEGER;
  if (!isBoundless(minimum)) throw unsupported("minimum", path);
  if (!isBoundless(maximum)) throw unsupported("maximum", path);
  return { type };
}

function adaptArray(keywords: Schema, path: string): Schema {
  const adapted: Record<string, unknown> = { ...keywords, type: "array" };
  if ("items" in keywords) adapted["items"] = adapt(keywords["items"], `${path}.items`);
  const { prefixItems } = keywords;
  if (Array.isArray(prefixItems)) {
    adapted["prefixItems"] = prefixItems.map((item, index) =>
      adapt(item, `${path}.prefixItems[${index}]`),
    );
  }
  return adapted;
}

function adaptObject(keywords: Schema, path: string): Schema {
  // Every property is written, required or not: that always satisfies the schema.
  const { required: _required, properties, additionalProperties, ...rest } = keywords;
  const adapted: Record<string, unknown> = { ...rest, type: "object" };
  if (properties !== undefined) {
    const from = `${path}.properties`;
    adapted["properties"] = adaptEach(requireSchema(properties, from), from);
  }
  const others = additionalProperties ?? (properties === undefined ? true : undefined);
  if (typeof others === "boolean") adapted["additionalProperties"] = others;
  else if (others !== undefined) {
    adapted["additionalProperties"] = adapt(others, `${path}.additionalProperties`);
  }
  return adapted;
}

function adaptEach(schemas: Schema, path: string): Schema {
  const entries = Object.entries(schemas);
  return Object.fromEntries(entries.map(([name, one]) => [name, adapt(one, `${path}.${name}`)]));
}

function requireSchema(value: unknown, path: string): Schema {
  if (value === true) return {};
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new EngineError("invalid-request", `The JSON schema at ${path} is not an object.`);
}

function requireKeywords(
  keywords: Schema,
  shape: keyof typeof keywordsByShape,
  path: string,
): void {
  const known: readonly string[] = keywordsByShape[shape];
  const unknown = Object.keys(keywords).find((keyword) => !known.includes(keyword));
  if (unknown !== undefined) throw unsupported(unknown, path);
}

function unsupported(keyword: string, path: string): EngineError {
  const message = `The JSON schema keyword "${keyword}" at ${path} is not supported in this form.`;
  return new EngineError("invalid-request", message);
}
