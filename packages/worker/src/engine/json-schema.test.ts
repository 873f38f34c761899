import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptJsonSchema } from "./json-schema.ts";

function refuses(schema: unknown, message: RegExp): void {
  assert.throws(() => adaptJsonSchema(schema), { failure: "invalid-request", message });
}

test("annotations are left out and required needs nothing", () => {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: { name: { type: "string", description: "who" } },
    required: ["name"],
    additionalProperties: false,
  };
  assert.deepEqual(adaptJsonSchema(schema), {
    type: "object",
    properties: { name: { type: "string" } },
    additionalProperties: false,
  });
});

test("an empty schema allows any value and a bare object any object", () => {
  assert.ok("oneOf" in adaptJsonSchema({}));
  assert.deepEqual(adaptJsonSchema({ type: "object" }), {
    type: "object",
    additionalProperties: true,
  });
});

test("unions of schemas and of types become one form", () => {
  const expected = { oneOf: [{ type: "string" }, { type: "null" }] };
  assert.deepEqual(adaptJsonSchema({ anyOf: [{ type: "string" }, { type: "null" }] }), expected);
  assert.deepEqual(adaptJsonSchema({ type: ["string", "null"] }), expected);
});

test("the bounds of every safe integer are no bounds", () => {
  const bounds = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
  assert.deepEqual(adaptJsonSchema({ type: "integer", ...bounds }), { type: "integer" });
});

test("what a grammar cannot say is refused by name and place", () => {
  refuses({ type: "string", pattern: "^a" }, /"pattern" at \$/);
  refuses(
    { type: "object", properties: { age: { type: "integer", minimum: 2 } } },
    /"minimum" at \$\.properties\.age/,
  );
  refuses({ type: "string", format: "email" }, /"format"/);
  refuses({ allOf: [{ type: "string" }, { type: "string" }] }, /"allOf"/);
  refuses({ const: { nested: 1 } }, /"const"/);
  refuses({ not: { type: "string" } }, /"not"/);
  refuses("text", /is not an object/);
});

test("definitions are adapted and references stay", () => {
  const schema = { $ref: "#/$defs/bee", $defs: { bee: { type: "string", title: "Bee" } } };
  assert.deepEqual(adaptJsonSchema(schema), {
    $ref: "#/$defs/bee",
    $defs: { bee: { type: "string" } },
  });
});
