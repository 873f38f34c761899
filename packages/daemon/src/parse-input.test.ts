import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { z } from "zod";
import { parseInput } from "./parse-input.ts";

const Part = z.strictObject({ type: z.literal("text"), text: z.string() });
const Body = z.strictObject({
  content: z.union([z.string(), z.array(Part)]),
  choice: z.union([z.enum(["auto", "none"]), z.strictObject({ name: z.string() })]).optional(),
  other: z
    .union([z.string(), z.array(z.union([Part, z.strictObject({ url: z.string() })]))], {
      error: "must be a text or parts",
    })
    .optional(),
});

function errorsOf(input: unknown): string[] {
  try {
    parseInput(Body, input);
  } catch (error) {
    if (!RbeeError.is(error, "INVALID_REQUEST")) throw error;
    return error.details.errors.map(({ field, message }) => `${field}: ${message}`);
  }
  return [];
}

describe("errors of fields that may be one thing or another", () => {
  it("names what is wrong inside the kind that was meant", () => {
    assert.deepEqual(errorsOf({ content: [{ type: "text", text: 5 }] }), [
      "content.0.text: expected string, received number",
    ]);
    assert.deepEqual(errorsOf({ content: "x", choice: { name: "f", strict: true } }), [
      "choice.strict: is not a field of this request",
    ]);
  });

  it("names the field alone when no kind was clearly meant", () => {
    assert.deepEqual(errorsOf({ content: 5 }), ["content: invalid input"]);
    assert.deepEqual(errorsOf({ content: "x", choice: "some" }), ["choice: invalid input"]);
  });

  it("keeps the words of the schema where it could say nothing better", () => {
    assert.deepEqual(errorsOf({ content: "x", other: [{ type: "text", text: 5 }] }), [
      "other: must be a text or parts",
    ]);
  });
});
