export type Schema = Readonly<Record<string, unknown>>;

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Keywords that say nothing about which values are allowed.
const annotations =
  "title description $schema $id $comment $defs definitions default example examples " +
  "deprecated readOnly writeOnly contentEncoding contentMediaType";
// Keywords that the rules of this folder honour, and may still refuse for their value.
const honoured =
  "$ref const enum anyOf oneOf allOf type nullable properties required additionalProperties " +
  "minProperties maxProperties items prefixItems minItems maxItems minLength maxLength format " +
  "minimum maximum exclusiveMinimum exclusiveMaximum";

const known: ReadonlySet<string> = new Set(`${annotations} ${honoured}`.split(" "));

/** Keywords of a schema that no grammar of ours can honour. Those that begin with x- are notes. */
export function listUnsupported(schema: object): string[] {
  return Object.keys(schema).filter((key) => !known.has(key) && !key.startsWith("x-"));
}
