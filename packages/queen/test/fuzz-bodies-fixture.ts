// Bodies for a fuzz run: first what a schema allows, then what no schema foresees.
import type { Route } from "@rbee/contract";
import { z } from "zod";

/** Numbers that the same seed brings again, from 0 up to 1. */
export type Random = () => number;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item;
}

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A value that a request's schema mostly allows; patterns of texts are left to chance. */
export function generateBody({ body }: Route, random: Random): unknown {
  return body === undefined ? {} : generateFor(body, random);
}

/** The same of what stands behind the path, as a text. */
export function generateQuery({ query }: Route, random: Random): string {
  const fields = query === undefined ? {} : (generateFor(query, random) as object);
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) words.set(name, String(value));
  return words.toString();
}

function generateFor(type: z.ZodType, random: Random): unknown {
  const schema = z.toJSONSchema(type, { io: "input", unrepresentable: "any" });
  return generate(schema as Schema, random);
}

function generate(schema: Schema, random: Random): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return pick(random, schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return generate(pick(random, choices), random);
  const { minimum = 0, maximum = 4 } = schema;
  const number = minimum + random() * (Math.min(maximum, minimum + 4) - minimum);
  if (schema.type === "integer") return Math.round(number);
  if (schema.type === "number") return number;
  if (schema.type === "boolean") return random() < 0.5;
  if (schema.type === "array") return [generate(schema.items ?? {}, random)];
  if (schema.type === "object") return generateObject(schema, random);
  return pick(random, ["hello-bee", "localhost", "Once upon a time", "cpu", ""]);
}

function generateObject({ properties = {}, required = [] }: Schema, random: Random): object {
  const wanted = Object.entries(properties).filter(
    ([name]) => required.includes(name) || random() < 0.3,
  );
  return Object.fromEntries(wanted.map(([name, schema]) => [name, generate(schema, random)]));
}

const strange: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  -1e308,
  Number.MAX_SAFE_INTEGER + 2,
  "",
  "NaN",
  "../../../etc/passwd",
  "%00",
  "\u0000",
  "\ud800",
  "🐝".repeat(500),
  "x".repeat(70_000),
  [],
  {},
  [[[[]]]],
  Array(2000).fill(0),
  { constructor: { prototype: { polluted: true } } },
];

/** The same value with one place of it replaced, removed or added to. */
export function mutate(value: unknown, random: Random): unknown {
  if (Array.isArray(value) && value.length > 0 && random() < 0.6) {
    return value.map((item, index) => (index === 0 ? mutate(item, random) : item));
  }
  if (typeof value !== "object" || value === null || random() < 0.15) return pick(random, strange);
  const entries = Object.entries(value);
  const place = Math.floor(random() * (entries.length + 1));
  if (place === entries.length) return { ...value, [pick(random, names)]: pick(random, strange) };
  const [name = "", inner] = entries[place] ?? [];
  if (random() < 0.2) return Object.fromEntries(entries.filter(([other]) => other !== name));
  return { ...value, [name]: mutate(inner, random) };
}

const names = ["__proto__x", "constructor", "toString", "rbee", "n", "length", ""];

/** The text of a body, and now and then something that is no JSON, or JSON that is not meant. */
export function encodeBody(value: unknown, random: Random): string | Buffer {
  const text = JSON.stringify(value) ?? "";
  const roll = random();
  if (roll < 0.75) return text;
  const broken: readonly (() => string | Buffer)[] = [
    () => text.slice(0, Math.floor(text.length * random())),
    () => text.replace("{", '{"__proto__":{"polluted":true},'),
    () => text.replace("{", '{"model":"a","model":{"b":1},'),
    () => text.replace(/\d+/, "NaN"),
    () => text.replace(/\d+/, "1e999999"),
    () => text.replace(/\d+/, "9".repeat(5000)),
    () => `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
    () => `${'{"messages":'.repeat(5000)}1${"}".repeat(5000)}`,
    () => Buffer.from(text.replace(/[a-z]/, "\u00ff"), "latin1"),
    () => Buffer.from(Array.from({ length: 300 }, () => Math.floor(random() * 256))),
    () => `\ufeff${text}`,
    () => `${text}${text}`,
    () => "",
  ];
  return pick(random, broken)();
}
