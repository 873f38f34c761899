import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseModelReference } from "./model-reference.ts";

describe("model references", () => {
  it("reads the bundled model", () => {
    assert.equal(parseModelReference("hello-bee")?.provider, "bundled");
  });

  it("reads a repository, a quantisation and a file of the hub", () => {
    assert.deepEqual(parseModelReference("hf:org/repo"), {
      provider: "hf",
      text: "hf:org/repo",
      repository: "org/repo",
    });
    assert.deepEqual(parseModelReference("hf:org/repo:Q8_0"), {
      provider: "hf",
      text: "hf:org/repo:Q8_0",
      repository: "org/repo",
      variant: "Q8_0",
    });
    assert.deepEqual(parseModelReference("hf:org/repo/sub/model.gguf"), {
      provider: "hf",
      text: "hf:org/repo/sub/model.gguf",
      repository: "org/repo",
      file: "sub/model.gguf",
    });
  });

  it("reads both forms of a file and gives them one text", () => {
    const short = parseModelReference("file:/models/a b.gguf");
    const long = parseModelReference("file:///models/a b.gguf");
    assert.deepEqual(short, {
      provider: "file",
      text: "file:/models/a b.gguf",
      path: "/models/a b.gguf",
    });
    assert.deepEqual(long, short);
  });

  it("keeps dots in file paths, which are the person's own", () => {
    const reference = parseModelReference("file:/models/../other/a.gguf");
    assert.equal(reference?.provider === "file" && reference.path, "/models/../other/a.gguf");
  });

  for (const text of [
    "",
    "hello",
    "hf:",
    "hf:org",
    "hf:org/",
    "hf:../repo",
    "hf:org/repo/../x.gguf",
    "hf:org/repo/file.bin",
    "hf:org/repo:Q8_0:Q4_0",
    "hf:org/repo/file.gguf:Q8_0",
    "file:relative.gguf",
    "file://host/path.gguf",
    "file:/etc/passwd",
    "file:/a\nb.gguf",
    "http://example/x.gguf",
    "hf:org/repo; rm -rf ~",
    "x".repeat(513),
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.equal(parseModelReference(text), undefined);
    });
  }

  it("never throws, and never accepts a hub reference that climbs out of its repository", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (text) => {
        const reference = parseModelReference(`hf:${text}`);
        assert.ok(reference === undefined || !reference.text.includes(".."));
      }),
    );
  });
});
