import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { getLlama } from "node-llama-cpp";
import type { Llama } from "node-llama-cpp";
import { buildSchemaGrammar } from "./build-schema-grammar.ts";

let llama: Llama;
before(async () => {
  llama = await getLlama({ gpu: false, build: "never", progressLogs: false });
});
after(async () => await llama.dispose());

/** Whether llama.cpp itself takes a text for one of the grammar of this schema. */
async function createJudge(schema: unknown): Promise<(text: string) => boolean> {
  const built = buildSchemaGrammar(schema);
  assert.ok(built.isPossible, JSON.stringify(built));
  const grammar = await llama.createGrammar({ grammar: built.grammar });
  // The library's own test of a grammar; it is not in its types.
  const { _testText: test } = grammar as unknown as { _testText: (text: string) => boolean };
  return (text) => test.call(grammar, text);
}

async function judge(schema: unknown, allowed: readonly unknown[], others: readonly unknown[]) {
  const isAllowed = await createJudge(schema);
  const spell = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  for (const value of allowed) assert.ok(isAllowed(spell(value)), `refused ${spell(value)}`);
  for (const value of others) assert.ok(!isAllowed(spell(value)), `allowed ${spell(value)}`);
}

function refuses(schema: unknown, message: RegExp): void {
  const built = buildSchemaGrammar(schema);
  assert.ok(!built.isPossible);
  assert.match(built.refusals.join("; "), message);
}

describe("the grammar of a schema", () => {
  it("has strict objects as OpenAI's clients write them", async () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        kind: { enum: ["bee", "ant", 3, null] },
        owner: { anyOf: [{ $ref: "#/$defs/person" }, { type: "null" }] },
        tags: { type: "array", items: { type: "string", maxLength: 3 }, minItems: 1, maxItems: 2 },
      },
      required: ["kind", "owner", "tags"],
      additionalProperties: false,
      $defs: {
        person: {
          type: "object",
          title: "Person",
          properties: {
            name: { type: "string" },
            friends: { type: "array", items: { $ref: "#/$defs/person" } },
          },
          required: ["name", "friends"],
          additionalProperties: false,
        },
      },
    };
    const maya = { name: 'Maya "the" bee\n🐝', friends: [{ name: "Willi", friends: [] }] };
    await judge(
      schema,
      [
        { kind: "bee", owner: null, tags: ["a"] },
        { kind: 3, owner: maya, tags: ["abc", "b"] },
        '{\n  "kind": null,\n  "owner": null,\n  "tags": [\n    "a"\n  ]\n}',
      ],
      [
        { kind: "cat", owner: null, tags: ["a"] },
        { kind: "bee", tags: ["a"] },
        { kind: "bee", owner: {}, tags: ["a"] },
        { kind: "bee", owner: null, tags: [] },
        { kind: "bee", owner: null, tags: ["abcd"] },
        { kind: "bee", owner: null, tags: ["a", "b", "c"] },
        { kind: "bee", owner: null, tags: ["a"], more: 1 },
        { kind: "bee", owner: { name: "Maya" }, tags: ["a"] },
      ],
    );
  });

  it("lets what is not required be left out, in every combination", async () => {
    const schema = {
      type: "object",
      properties: { a: { type: "boolean" }, b: { type: "null" }, c: { const: 1 } },
      required: ["b"],
    };
    const whole = [
      { b: null },
      { a: true, b: null },
      { b: null, c: 1 },
      { a: false, b: null, c: 1 },
    ];
    await judge(schema, whole, [{}, { a: true }, { a: true, c: 1 }, '{"b":null,}', '{,"b":null}']);
    const optional = {
      type: "object",
      properties: { a: { const: 1 }, b: { const: 2 } },
      required: [],
    };
    await judge(optional, [{}, { a: 1 }, { b: 2 }, { a: 1, b: 2 }], ['{"a":1 "b":2}', { c: 3 }]);
  });

  it("writes every property of an object that does not say which are required", async () => {
    const schema = { type: "object", properties: { a: { const: 1 }, b: { const: 2 } } };
    await judge(schema, [{ a: 1, b: 2 }], [{ a: 1 }, {}]);
  });

  it("has any object for json_object, and any value for an empty schema", async () => {
    const values = [{}, { a: [1, -2.5e3, { b: null }] }, { "": { x: "\u00e9\ud83d\udc1d" } }];
    await judge({ type: "object" }, values, [[], "1", '"a"', "", "{", '{"a":1,}', "{}{}"]);
    await judge({}, [...values, [], 1, '"a"', "true", "null"], ["tru", "01", '"a', "[1,]"]);
  });

  it("bounds the space that may be written", async () => {
    const isAllowed = await createJudge({ type: "object" });
    assert.ok(isAllowed(`{\n${" ".repeat(24)}}`));
    assert.ok(!isAllowed(`{\n${" ".repeat(25)}}`));
    assert.ok(!isAllowed(`{${" ".repeat(2)}}`));
    assert.ok(!isAllowed("{}\n"));
    assert.ok(!isAllowed("\n{}"));
  });

  it("has maps whose other names are not those declared, however they are spelled", async () => {
    const schema = {
      type: "object",
      properties: { id: { type: "boolean" }, idea: { type: "boolean" } },
      required: ["id"],
      additionalProperties: { type: "integer" },
    };
    const allowed = [
      { id: true },
      { id: true, i: 1, ideal: 2, x: 3 },
      { id: true, idea: false, z: 1 },
    ];
    const other = ['{"id":true,"id":1}', '{"id":true,"\\u0069d":1}', { id: true, x: "y" }];
    await judge(schema, allowed, other);
    const counted = {
      type: "object",
      additionalProperties: { const: 1 },
      minProperties: 1,
      maxProperties: 2,
    };
    await judge(counted, [{ a: 1 }, { a: 1, b: 1 }], [{}, { a: 1, b: 1, c: 1 }]);
  });

  it("has tuples, unions of types, formats, and objects joined by allOf", async () => {
    const tuple = { type: "array", prefixItems: [{ const: 1 }, { type: "boolean" }], items: false };
    await judge(tuple, [[1, true]], [[1], [1, true, 2], []]);
    await judge({ type: ["string", "null"], minLength: 1 }, ["null", '"a"'], ['""', "1"]);
    await judge({ type: "string", nullable: true }, ["null", '""'], ["1"]);
    const day = { type: "string", format: "date" };
    await judge(day, ['"2026-11-28"'], ['"2026-13-28"', '"today"']);
    const joined = {
      allOf: [{ $ref: "#/definitions/a" }, { properties: { b: { const: 2 } }, required: ["b"] }],
      definitions: { a: { type: "object", properties: { a: { const: 1 } }, required: ["a"] } },
    };
    await judge(joined, [{ a: 1, b: 2 }], [{ a: 1 }, { b: 2 }]);
    await judge({ const: { nested: [1] } }, [{ nested: [1] }], [{ nested: [2] }]);
  });

  it("knows numbers: no leading zeros, no infinite ones, integers without a fraction", async () => {
    await judge({ type: "integer" }, [0, -1, 12, 999_999_999_999_999], ["1.0", "1e2", "007", "-"]);
    await judge({ type: "number" }, [0, -1.5, "1e9", "0.25E-3"], ["1e999", ".5", "+1", "1."]);
    await judge({ type: "number", minimum: 0 }, [0, 1.5], [-1]);
    const bounds = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
    await judge({ type: "integer", ...bounds }, [1], ["1.5"]);
  });

  it("holds integers to their bounds", async () => {
    const bound = fc.integer({ min: -2000, max: 2000 });
    await fc.assert(
      fc.asyncProperty(
        bound,
        bound,
        fc.array(bound, { maxLength: 20 }),
        async (one, two, values) => {
          const [minimum, maximum] = [Math.min(one, two), Math.max(one, two)];
          const isAllowed = await createJudge({ type: "integer", minimum, maximum });
          for (const value of [...values, minimum, maximum, minimum - 1, maximum + 1]) {
            assert.equal(
              isAllowed(String(value)),
              value >= minimum && value <= maximum,
              String(value),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
    await judge({ type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 3 }, [1, 2], [0, 3]);
  });

  it("refuses by keyword and place what it cannot say", () => {
    refuses({ type: "string", pattern: "^a" }, /"pattern" at \$ /);
    refuses(
      { type: "object", properties: { age: { type: "number", minimum: 2 } } },
      /"minimum" at \$\.properties\.age /,
    );
    refuses({ type: "string", format: "email" }, /"format"/);
    refuses({ allOf: [{ type: "string" }, { type: "string" }] }, /"allOf"/);
    refuses({ not: { type: "string" } }, /"not"/);
    refuses({ $ref: "#/$defs/nowhere" }, /"\$ref"/);
    refuses({ type: "string", maxLength: 100_000 }, /"maxLength"/);
    refuses({ type: "string", minLength: 5, maxLength: 2 }, /"maxLength"/);
    refuses({ type: "array", minItems: 5, maxItems: 2 }, /"maxItems"/);
    refuses({ type: "object", minProperties: 5, maxProperties: 2 }, /"maxProperties"/);
    refuses({ $ref: "#/%E0%A4%A" }, /"\$ref"/);
    refuses({ enum: Array.from({ length: 1001 }, (_, index) => index) }, /"enum"/);
    const many = Array.from({ length: 1001 }, (_, index) => [`p${index}`, {}] as const);
    refuses({ type: "object", properties: Object.fromEntries(many) }, /"properties"/);
    refuses({ type: "bee" }, /"type"/);
    refuses({ type: "integer", minimum: 3, maximum: 2 }, /"maximum"/);
    refuses("text", /is not an object/);
  });
});
