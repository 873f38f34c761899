import { RbeeError } from "@rbee/contract";

// What the worker was given under our names came from fields with other names.
const openAiNames: Readonly<Record<string, string>> = {
  json_schema: "response_format",
  max_tokens_capped: "max_tokens",
};

/** An error that names the fields of a task, with the names that OpenAI's client sent. */
export function renameFields(error: unknown, names = openAiNames): unknown {
  if (!RbeeError.is(error, "INVALID_REQUEST")) return error;
  const errors = error.details.errors.map((entry) => {
    const [first = "", ...rest] = entry.field.split(".");
    return { ...entry, field: [names[first] ?? first, ...rest].join(".") };
  });
  return new RbeeError("INVALID_REQUEST", { errors }, { cause: error });
}
