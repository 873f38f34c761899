import assert from "node:assert/strict";
import { test } from "node:test";
import { openHelloBee } from "./engine-fixture.ts";
import { type PromptTokenizer, tokenizePrompt } from "./prompt-tokenizer.ts";

test("a long text has the same ids in pieces as in one call", async () => {
  const engine = await openHelloBee(1, 64);
  const line =
    'The bee\'s 12 wings — naïve café 🐝 — said: "Buzz!"  \n\n\tand  flew\nHome again, x2\nOver';
  const text = `${line}\n`.repeat(1500);
  const calls: number[] = [];
  const tokenizer: PromptTokenizer = {
    contextSize: 1_000_000,
    tokenCharactersMax: 20,
    splitsAtSeams: true,
    tokenize: (piece) => {
      calls.push(piece.length);
      return engine.tokenize(piece);
    },
  };
  const prepared = await tokenizePrompt(text, tokenizer);
  assert.ok(prepared.fits);
  assert.ok(isSame(prepared.tokens, engine.tokenize(text)));
  assert.ok(Math.max(...calls) < 20_000, `one call took ${Math.max(...calls)} characters`);
  await engine.close();
});

function createTokenizer(
  contextSize: number,
  changes: Partial<PromptTokenizer> = {},
): PromptTokenizer {
  return {
    contextSize,
    tokenCharactersMax: 4,
    splitsAtSeams: true,
    tokenize: (text) => [...text].map((character) => character.charCodeAt(0)),
    ...changes,
  };
}

test("a text longer than all tokens of the context is refused without being tokenized", async () => {
  const tokenizer = createTokenizer(10, { tokenize: () => assert.fail("tokenized") });
  const prepared = await tokenizePrompt("x".repeat(45), tokenizer);
  assert.deepEqual(prepared, { fits: false, tokensAtLeast: 12 });
});

test("a text with one token too many is refused with its number of tokens", async () => {
  assert.deepEqual(await tokenizePrompt("x".repeat(11), createTokenizer(10)), {
    fits: false,
    tokensAtLeast: 11,
  });
  assert.equal((await tokenizePrompt("x".repeat(10), createTokenizer(10))).fits, true);
});

test("a vocabulary whose tokens cross lines is not cut there", async () => {
  // "c, line break, a" is one token.
  const tokenize = (text: string): number[] =>
    (text.match(/c\na|[^]/g) ?? []).map((token) => token.length * 1000 + token.charCodeAt(0));
  const text = "abc\n".repeat(10_000);
  const prepared = await tokenizePrompt(text, createTokenizer(1_000_000, { tokenize }));
  assert.ok(prepared.fits);
  assert.ok(isSame(prepared.tokens, tokenize(text)));
});

// `deepEqual` takes minutes to print how two long lists differ.
function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}
