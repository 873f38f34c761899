import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resolveKeyModel } from "./resolve-key-model.ts";

const aliases = { fast: "hello-bee", folder: "file:///models/x.gguf" };

describe("a model of a key", () => {
  it("is a reference in its canonical form, or what an alias stands for", () => {
    assert.equal(resolveKeyModel("hf:org/repo:Q8_0", aliases), "hf:org/repo:Q8_0");
    assert.equal(resolveKeyModel("fast", aliases), "hello-bee");
    assert.equal(resolveKeyModel("folder", aliases), "file:/models/x.gguf");
  });

  it("is a pattern that ends where a part of a name begins", () => {
    for (const pattern of ["hf:*", "hf:org/*", "hf:org/repo:*", "file:/models/*"]) {
      assert.equal(resolveKeyModel(pattern, aliases), pattern);
    }
  });

  it("is nothing else", () => {
    for (const entry of ["*", "hf:org*", "hf:*/repo", "hf:org/**", "gpt-4", "", "file:/a/../*"]) {
      assert.equal(resolveKeyModel(entry, aliases), undefined, entry);
    }
  });
});
