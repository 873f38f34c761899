import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { splitMarkdown } from "./split-markdown.ts";

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
