import { z } from "zod";

/**
 * A field of OpenAI's API that rbee cannot honour. What a client sends to say "not that" (nothing,
 * null, or one of the neutral values) is let in; anything else is refused by the field's name.
 */
export function refusedField(
  reason: string,
  neutral: readonly (string | number | boolean)[] = [],
): z.ZodOptional<z.ZodNullable<z.ZodType<string | number | boolean>>> {
  const isNeutral = (value: unknown) => neutral.some((allowed) => allowed === value);
  return z
    .custom<string | number | boolean>(isNeutral, `is not supported: ${reason}`)
    .nullable()
    .optional();
}
