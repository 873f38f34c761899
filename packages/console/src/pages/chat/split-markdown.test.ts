import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readCodeBlock, splitLines, splitMarkdown } from "./split-markdown.ts";

describe("a block of code", () => {
  it("is what stands below its first line, in the language that this says", () => {
    assert.deepEqual(readCodeBlock("```js\nx\n\ny"), {
      language: "js",
      text: "x\n\ny",
      isWhole: false,
    });
    assert.deepEqual(readCodeBlock("````  py title=a\n```\n````"), {
      language: "py",
      text: "```\n",
      isWhole: true,
    });
    assert.deepEqual(readCodeBlock("```\n```"), { language: "", text: "", isWhole: true });
  });

  it("is none where it has not begun, or other words are in it", () => {
    assert.equal(readCodeBlock("```js"), undefined);
    assert.equal(readCodeBlock("words\n```js\nx"), undefined);
  });

  it("is cut into parts of whole lines that are the same text together", () => {
    const text = "1\n2\n3\n\n5";
    assert.deepEqual(splitLines(text, 2), ["1\n2\n", "3\n\n", "5"]);
    assert.deepEqual(splitLines("1\n2\n", 2), ["1\n2\n"]);
    assert.deepEqual(splitLines("", 2), []);
  });
});

describe("cutting Markdown into blocks", () => {
  it("cuts at blank lines", () => {
    assert.deepEqual(splitMarkdown("one\ntwo\n\n\nthree"), ["one\ntwo", "three"]);
  });

  it("keeps a code fence whole, also while it is still open", () => {
    assert.deepEqual(splitMarkdown("a\n\n```js\nx\n\ny\n```\n\nb"), [
      "a",
      "```js\nx\n\ny\n```",
      "b",
    ]);
    assert.deepEqual(splitMarkdown("```\nx\n\ny"), ["```\nx\n\ny"]);
  });

  it("takes a longer fence for the end of a shorter one only", () => {
    assert.deepEqual(splitMarkdown("````\n```\n\n````\n\nb"), ["````\n```\n\n````", "b"]);
  });

  it("cuts around code that stands between words without blank lines", () => {
    const code = "```js\nx\n```js\n```";
    assert.deepEqual(splitMarkdown(`So:\n${code}\nand so`), ["So:", code, "and so"]);
    assert.deepEqual(splitMarkdown("- item\n  ```\n  x\n  ```\n  more"), [
      "- item\n  ```\n  x\n  ```\n  more",
    ]);
  });

  it("keeps an indented paragraph with the list item above it", () => {
    assert.deepEqual(splitMarkdown("- one\n\n  more of one\n\n- two"), [
      "- one\n\n  more of one",
      "- two",
    ]);
  });

  it("makes nothing of nothing", () => {
    assert.deepEqual(splitMarkdown(""), []);
    assert.deepEqual(splitMarkdown("\n\n"), []);
  });
});
