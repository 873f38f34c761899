import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeModel } from "./judge-model.ts";

describe("the models of a key", () => {
  it("are all of them when none is named, and none when the list is empty", () => {
    assert.equal(judgeModel({ models: undefined, model: "hello-bee" }), true);
    assert.equal(judgeModel({ models: [], model: "hello-bee" }), false);
  });

  it("are the references that are named, and no others that begin alike", () => {
    const models = ["hello-bee", "hf:org/repo"];
    assert.equal(judgeModel({ models, model: "hello-bee" }), true);
    assert.equal(judgeModel({ models, model: "hf:org/repo" }), true);
    for (const model of ["hf:org/repo:Q8_0", "hf:org/repo2", "hf:org/repo/x.gguf", "hf:org"]) {
      assert.equal(judgeModel({ models, model }), false, model);
    }
  });

  it("of a pattern are those below it", () => {
    const models = ["hf:org/*", "hf:other/repo:*"];
    for (const model of ["hf:org/repo", "hf:org/repo:Q8_0", "hf:org/a/b.gguf"]) {
      assert.equal(judgeModel({ models, model }), true, model);
    }
    assert.equal(judgeModel({ models, model: "hf:other/repo:Q8_0" }), true);
    for (const model of ["hf:organ/repo", "hf:other/repo2:Q8_0", "file:/hf:org/x.gguf"]) {
      assert.equal(judgeModel({ models, model }), false, model);
    }
  });

  it("of a folder do not lead out of it", () => {
    const models = ["file:/models/*"];
    assert.equal(judgeModel({ models, model: "file:/models/a/b.gguf" }), true);
    assert.equal(judgeModel({ models, model: "file:/models/..b/c..d.gguf" }), true);
    for (const model of ["file:/models/../etc/x.gguf", "file:/models/a/../../x.gguf"]) {
      assert.equal(judgeModel({ models, model }), false, model);
    }
  });
});
