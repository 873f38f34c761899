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
  const meant = issue.code === "invalid_union" ? findMeantErrors(issue) : undefined;
  if (meant !== undefined) return meant;
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

const unionSaysNothing = "Invalid input";

// Of a text or a list, the list is meant when its own errors are further inside. Undefined when
// that is not clear, or when the union's own words say more.
function findMeantErrors(union: z.core.$ZodIssueInvalidUnion): FieldError[] | undefined {
  const isInside = (issue: z.core.$ZodIssue) =>
    issue.path.length > 0 || issue.code === "unrecognized_keys";
  const [meant, ...others] = union.errors.filter((issues) => issues.every(isInside));
  if (meant === undefined || others.length > 0) return undefined;
  const errors = meant.flatMap((inner) =>
    fieldErrors({ ...inner, path: [...union.path, ...inner.path] }),
  );
  const isVague = errors.some(({ message }) => message === describe(unionSaysNothing));
  return isVague && union.message !== unionSaysNothing ? undefined : errors;
}

// "Too big: expected number to be <=2" reads better behind a field name without its first word.
function describe(message: string): string {
  const text = message.replace(/^(?:Too big|Too small|Invalid input|Invalid \w+): /, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}
