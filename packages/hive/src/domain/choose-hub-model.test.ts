import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseHubModel, quantizationOf, quantizationPreference } from "./choose-hub-model.ts";

const listed = (...paths: readonly string[]) =>
  paths.map((path) => ({ path, sizeBytes: 1, sha256: null }));

function pathsOf(paths: readonly string[], wanted: Parameters<typeof chooseHubModel>[1] = {}) {
  const choice = chooseHubModel(listed(...paths), wanted);
  return choice.isFound ? choice.model.files.map(({ path }) => path) : choice.candidates;
}

describe("the choice of a model in a repository", () => {
  it("is Q4_K_M where there is one, and else the first of the preference that is there", () => {
    const paths = [
      "bee-Q8_0.gguf",
      "bee-f16.gguf",
      "bee.Q4_K_M.gguf",
      "bee-IQ2_XXS.gguf",
      "README.md",
    ];
    assert.deepEqual(pathsOf(paths), ["bee.Q4_K_M.gguf"]);
    assert.deepEqual(pathsOf(paths.filter((path) => !path.includes("Q4"))), ["bee-Q8_0.gguf"]);
    assert.deepEqual(pathsOf(["bee-weird.gguf", "bee-TQ1_0.gguf"]), ["bee-TQ1_0.gguf"]);
    assert.deepEqual(pathsOf(["bee.gguf"]), ["bee.gguf"]);
    assert.equal(new Set(quantizationPreference).size, quantizationPreference.length);
  });

  it("is the quantisation that was asked for, in whatever letters, and no other", () => {
    const paths = ["bee-Q8_0.gguf", "bee-q4_k_m.gguf", "bee-FP16.gguf"];
    assert.deepEqual(pathsOf(paths, { variant: "Q4_K_M" }), ["bee-q4_k_m.gguf"]);
    assert.deepEqual(pathsOf(paths, { variant: "f16" }), ["bee-FP16.gguf"]);
    assert.deepEqual(pathsOf(paths, { variant: "Q5_K_M" }), paths.toSorted());
  });

  it("is the file that was named, whatever else is there", () => {
    const paths = ["sub/bee-Q8_0.gguf", "bee-Q4_K_M.gguf", "mmproj-bee.gguf"];
    assert.deepEqual(pathsOf(paths, { file: "sub/bee-Q8_0.gguf" }), ["sub/bee-Q8_0.gguf"]);
    assert.deepEqual(pathsOf(paths, { file: "bee-Q8_0.gguf" }), paths.toSorted());
  });

  it("takes all parts of a split model for one, and none of them when one is missing", () => {
    const parts = ["Q8_0/bee-00002-of-00002.gguf", "Q8_0/bee-00001-of-00002.gguf"];
    const inOrder = parts.toSorted();
    assert.deepEqual(pathsOf(parts), inOrder);
    assert.deepEqual(pathsOf(parts, { variant: "Q8_0" }), inOrder);
    assert.deepEqual(pathsOf(parts, { file: parts[0] }), inOrder);
    assert.deepEqual(pathsOf(parts.slice(1)), []);
  });

  it("leaves projectors and importance matrices to those who name them", () => {
    const paths = ["mmproj-bee-Q4_K_M.gguf", "bee.imatrix.gguf", "bee-Q8_0.gguf"];
    assert.deepEqual(pathsOf(paths), ["bee-Q8_0.gguf"]);
  });

  it("prefers the plain name among equals", () => {
    assert.deepEqual(pathsOf(["bee-chat-Q4_K_M.gguf", "bee-Q4_K_M.gguf"]), ["bee-Q4_K_M.gguf"]);
  });

  it("never takes a path that leads out of its folder", () => {
    const wild = ["../bee-Q4_K_M.gguf", "/etc/bee-Q4_K_M.gguf", "a/./b.gguf", "a\\..\\b.gguf"];
    assert.deepEqual(pathsOf([...wild, "a\nb.gguf", ".hidden.gguf"]), []);
  });
});

describe("the quantisation in a name", () => {
  const cases = [
    ["tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf", "Q4_K_M"],
    ["Phi-3-mini-4k-instruct-q4.gguf", "Q4"],
    ["bee_Q5_0.gguf", "Q5_0"],
    ["bee-UD-Q4_K_XL.gguf", "Q4_K_XL"],
    ["bee-BF16.gguf", "BF16"],
    ["Q6_K/bee.gguf", "Q6_K"],
    ["bee-7B.gguf", null],
    ["faq4u.gguf", null],
  ] as const;
  for (const [path, quantization] of cases) {
    it(`of ${path} is ${quantization}`, () => assert.equal(quantizationOf(path), quantization));
  }
});
