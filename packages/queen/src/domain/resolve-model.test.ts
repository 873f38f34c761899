import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resolveModel } from "./resolve-model.ts";

describe("the model that a client means", () => {
  it("is the bundled one when it names none", () => {
    assert.equal(resolveModel(undefined, {}), "hello-bee");
  });

  it("is what an alias stands for", () => {
    assert.equal(resolveModel("small", { small: "file:///models/s.gguf" }), "file:/models/s.gguf");
  });

  it("is not guessed: neither from an unknown name nor from a name that objects have", () => {
    assert.equal(resolveModel("small", {}), undefined);
    assert.equal(resolveModel("constructor", {}), undefined);
  });
});
