import type { z } from "zod";

/**
 * One row of the catalogue. `message` is terse and public: it travels over HTTP, so it holds no
 * key, path, address or rejected value. `explain` and `hint` are for the person at the keeper or
 * the console and may show everything in `details`.
 */
export interface ErrorEntry<Details extends z.ZodType> {
  readonly status: number;
  readonly retryable: boolean;
  /** Short and constant, for logs and metrics. */
  readonly title: string;
  /** Public and typed; an authenticated caller may see every field. */
  readonly details: Details;
  readonly message: (details: z.infer<Details>) => string;
  /** Further lines of what happened, with the figures. */
  readonly explain?: (details: z.infer<Details>) => readonly string[];
  /** What to do next: a command to run wherever there is one. */
  readonly hint: (details: z.infer<Details>) => readonly string[];
  /** Where the requirement comes from. */
  readonly source: string;
}

/** Ties the functions of an entry to the type of its own details. */
export function defineError<Details extends z.ZodType>(
  entry: ErrorEntry<Details>,
): ErrorEntry<Details> {
  return entry;
}
