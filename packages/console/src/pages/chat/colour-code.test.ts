import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { colourCode } from "./colour-code.ts";
import { linesInPart } from "./lines-in-part.ts";

const textOf = (parts: ReturnType<typeof colourCode>) =>
  (parts ?? []).flat().reduce((whole, { text }) => whole + text, "");

describe("code in colours", () => {
  it("tells what each piece is and leaves out nothing", () => {
    const text = 'const bee = "honey"; // sweet\n';
    const parts = colourCode("ts", text);
    assert.equal(textOf(parts), text);
    const kinds = (parts ?? []).flat().map(({ kind, text: piece }) => [kind, piece.trim()]);
    assert.deepEqual(kinds, [
      ["hljs-keyword", "const"],
      ["", "bee ="],
      ["hljs-string", '"honey"'],
      ["", ";"],
      ["hljs-comment", "// sweet"],
      ["", ""],
    ]);
  });

  it("is cut into parts of whole lines, also where one piece is many lines", () => {
    const lines = Array.from({ length: linesInPart * 2 + 3 }, (_, line) => `line ${line}\n`);
    const text = `/*\n${lines.join("")}*/\nlet x;\n`;
    const parts = colourCode("js", text) ?? [];
    assert.equal(textOf(parts), text);
    const counts = parts.map((part) => textOf([part]).split("\n").length - 1);
    assert.deepEqual(counts, [linesInPart, linesInPart, 6]);
    assert.ok(parts[1]?.every(({ kind }) => kind === "hljs-comment"));
  });

  it("is none for a language that is not known", () => {
    assert.equal(colourCode("bee-lang", "buzz"), undefined);
  });
});
