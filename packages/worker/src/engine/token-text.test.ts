import assert from "node:assert/strict";
import { test } from "node:test";
import { CharacterHolder, TokenTextTable } from "./token-text.ts";

// A vocabulary of bytes: token n is byte n; 300 is "bee" and 301 the two middle bytes of an emoji.
function detokenize(tokens: readonly number[]): string {
  const bytes = tokens.flatMap((token) => {
    if (token === 300) return [...Buffer.from("bee")];
    return token === 301 ? [0x9f, 0x90] : [token];
  });
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

function createHolder(): CharacterHolder {
  return new CharacterHolder(new TokenTextTable(detokenize, [97]));
}

function pushAll(holder: CharacterHolder, tokens: Iterable<number>): readonly string[] {
  return [...tokens].map((token) => holder.push(token));
}

test("a character is held back until its last byte is there", () => {
  assert.deepEqual(pushAll(createHolder(), Buffer.from("🐝")), ["", "", "", "🐝"]);
  assert.deepEqual(pushAll(createHolder(), Buffer.from("é")), ["", "é"]);
});

test("tokens that hold parts of a character are joined", () => {
  assert.deepEqual(pushAll(createHolder(), [0xf0, 301, 0x9d, 300]), ["", "", "🐝", "bee"]);
});

test("characters one after the other come out one by one", () => {
  assert.equal(pushAll(createHolder(), Buffer.from("你好🐝🌼…")).join(""), "你好🐝🌼…");
});

test("no text ends in half a character, whatever the bytes", () => {
  const holder = createHolder();
  const texts = pushAll(holder, [0xf0, 0x9f, 0xf0, 0x9f, 0x90, 0x9d, 300]);
  assert.ok(texts.join("").endsWith("🐝bee"), texts.join("|"));
});

test("bytes that are no text become replacement characters and nothing is held for ever", () => {
  const texts = pushAll(createHolder(), Array<number>(12).fill(0xff));
  assert.ok(texts.join("").length >= 8);
});

test("at the end an incomplete character is left out", () => {
  const holder = createHolder();
  pushAll(holder, [...Buffer.from("🐝")].slice(0, 3));
  assert.equal(holder.flush(), "");
});

test("a token's text is what it is in the middle of a text", () => {
  // Like vocabularies that drop the space before the first word.
  const dropSpace = (tokens: readonly number[]): string => detokenize(tokens).replace(/^ /, "");
  const table = new TokenTextTable(dropSpace, [97]);
  assert.equal(table.textOf(32), " ");
});
