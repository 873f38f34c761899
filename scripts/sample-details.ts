import type { z } from "zod";

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly entries?: Readonly<Record<string, string>>;
}

/** Details of an error with `<name>` for every text and 0 for every figure, for documentation. */
export function sampleDetails(schema: z.ZodType, name = ""): unknown {
  const definition = schema.def as unknown as Definition;
  switch (definition.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(definition.shape ?? {}).map(([key, inner]) => [
          key,
          sampleDetails(inner, key),
        ]),
      );
    case "array":
      return definition.element === undefined ? [] : [sampleDetails(definition.element, name)];
    case "optional":
    case "nullable":
      return definition.innerType === undefined
        ? undefined
        : sampleDetails(definition.innerType, name);
    case "enum":
      return Object.values(definition.entries ?? {})[0];
    case "number":
      return 0;
    default:
      return `<${name.replaceAll("_", " ")}>`;
  }
}
