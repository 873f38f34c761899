import type { z } from "zod";
import type { ErrorEntry } from "./error-entry.ts";
import { dialectErrors } from "./dialect-errors.ts";
import { generalErrors } from "./general-errors.ts";
import { inferenceErrors } from "./inference-errors.ts";
import { installErrors } from "./install-errors.ts";
import { keyErrors } from "./key-errors.ts";
import { modelErrors } from "./model-errors.ts";
import { nodeErrors } from "./node-errors.ts";
import { resourceErrors } from "./resource-errors.ts";
import { sshErrors } from "./ssh-errors.ts";

const areas = [
  nodeErrors,
  sshErrors,
  installErrors,
  modelErrors,
  resourceErrors,
  inferenceErrors,
  keyErrors,
  dialectErrors,
  generalErrors,
] as const;

/** Every error that rbee can answer with. A retired code stays listed and is never used again. */
export const errorCatalogue = {
  ...nodeErrors,
  ...sshErrors,
  ...installErrors,
  ...modelErrors,
  ...resourceErrors,
  ...inferenceErrors,
  ...keyErrors,
  ...dialectErrors,
  ...generalErrors,
} as const;

const codeCount = areas.reduce((count, area) => count + Object.keys(area).length, 0);
if (codeCount !== Object.keys(errorCatalogue).length) {
  throw new Error("two areas of the error catalogue define the same code");
}

export type ErrorCatalogue = typeof errorCatalogue;
export type ErrorCode = keyof ErrorCatalogue;
export type ErrorDetails<Code extends ErrorCode> = z.infer<ErrorCatalogue[Code]["details"]>;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCatalogue, text);
}

/** The entry of a code, for renderers that handle every code alike. */
export function errorEntry(code: ErrorCode): ErrorEntry<z.ZodType> {
  return errorCatalogue[code];
}
