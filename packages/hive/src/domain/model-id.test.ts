import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { modelId } from "./model-id.ts";

const referenceSha256 = "0123456789ab".padEnd(64, "f");

function idOf(fileName: string, ...taken: readonly string[]): string {
  return modelId({ fileName, referenceSha256, isTaken: (id) => taken.includes(id) });
}

describe("modelId", () => {
  it("is the file name in lower case without its ending", () => {
    assert.equal(idOf("TinyLlama-Q4.gguf"), "tinyllama-q4");
    assert.equal(idOf("TinyLlama-Q4.GGUF"), "tinyllama-q4");
  });

  it("leaves out which part of a split file it is", () => {
    assert.equal(idOf("Big-Q8_0-00001-of-00003.gguf"), "big-q8_0");
  });

  it("ends in six digits of the reference's digest when another model has the name", () => {
    assert.equal(idOf("a.gguf", "a"), "a-012345");
  });

  it("takes more digits when even that is taken", () => {
    assert.equal(idOf("a.gguf", "a", "a-012345"), "a-0123456789ab");
  });
});
