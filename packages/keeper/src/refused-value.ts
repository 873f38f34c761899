import { backends, RbeeError } from "@rbee/contract";

/**
 * The error for a value that its flag does not allow, from the parser's sentence: "error: option
 * '--top-p <number>' argument '3' is invalid. It must be at most 1."
 */
export function refusedValue(sentence: string): RbeeError {
  const flag = /(?:option|argument) '(--[a-z-]+)/.exec(sentence)?.[1];
  if (flag === "--backend") return new RbeeError("INVALID_BACKEND", { valid: [...backends] });
  const [, argument, rule = "see the help"] =
    /is invalid(?: for argument '([^']+)')?\. (.*?)\.?$/s.exec(sentence) ?? [];
  const field = flag ?? argument ?? "argument";
  const message = `is not allowed: ${rule.charAt(0).toLowerCase()}${rule.slice(1)}`;
  return new RbeeError("INVALID_REQUEST", { errors: [{ field, constraint: "allowed", message }] });
}
