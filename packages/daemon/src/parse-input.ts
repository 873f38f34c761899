import { RbeeError } from "@rbee/contract";
import type { FieldError } from "@rbee/contract";
import type { z } from "zod";

/** Checks input against its schema; throws INVALID_REQUEST with every field error at once. */
export function parseInput(schema: z.ZodType | undefined, input: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new RbeeError("INVALID_REQUEST", { errors: parsed.error.issues.flatMap(fieldErrors) });
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const field = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      // A key is the client's own text: long ones are cut so that nothing large is echoed.
      field: [field, key.slice(0, 64)].filter(Boolean).join("."),
      constraint: "known",
      message: "is not a field of this request",
    }));
  }
  return [{ field, constraint: issue.code, message: describe(issue.message) }];
}

// "Too big: expected number to be <=2" reads better behind a field name without its first word.
function describe(message: string): string {
  const text = message.replace(/^(?:Too big|Too small|Invalid input|Invalid \w+): /, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}
