import { z } from "zod";

/**
 * What becomes of one field of a request that was made for OpenAI. `ignored` fields change nothing
 * that the model answers. `refused` ones would, and are answered with 400 and their name, unless
 * they say what happens anyway (`neutral`) or nothing (null).
 */
export interface FieldTreatment {
  readonly treatment: "honoured" | "ignored" | "refused";
  /** For people: what it does here, or why it does not. */
  readonly note: string;
  readonly neutral?: readonly unknown[];
}

export type FieldTable = Readonly<Record<string, FieldTreatment>>;

export const honoured = (note: string): FieldTreatment => ({ treatment: "honoured", note });
export const ignored = (note: string): FieldTreatment => ({ treatment: "ignored", note });
export const refused = (note: string, ...neutral: readonly unknown[]): FieldTreatment => ({
  treatment: "refused",
  note,
  neutral,
});

/** The schema of the fields of a table that are not honoured, to be spread into a request's. */
export function fieldShape(table: FieldTable): object {
  const others = Object.entries(table).filter(([, { treatment }]) => treatment !== "honoured");
  return Object.fromEntries(
    others.map(([field, entry]) => [
      field,
      entry.treatment === "ignored" ? z.json().optional() : refusedField(entry),
    ]),
  );
}

function refusedField({ note, neutral = [] }: FieldTreatment): z.ZodType {
  const harmless = new Set([null, ...neutral].map((value) => JSON.stringify(value)));
  const message = `is not supported: ${note}`;
  return z
    .json()
    .optional()
    .refine((value) => value === undefined || harmless.has(JSON.stringify(value)), message);
}
