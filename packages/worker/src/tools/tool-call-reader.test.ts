import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ToolCallReader } from "./tool-call-reader.ts";
import type { AnswerPiece } from "./tool-call-reader.ts";
import type { ToolSyntax } from "./tool-syntax.ts";

interface Read {
  readonly text: string;
  readonly calls: readonly { readonly name: string | undefined; readonly arguments: string }[];
}

const tools = [{ name: "sing" }, { name: "get_weather" }];

function readPieces(syntax: ToolSyntax, texts: readonly string[], mustCall = false): AnswerPiece[] {
  const reader = new ToolCallReader({ syntax, tools, mustCall });
  return [...texts.flatMap((text) => reader.push(text)), ...reader.finish()];
}

function join(pieces: readonly AnswerPiece[]): Read {
  const calls: { name: string | undefined; arguments: string }[] = [];
  let text = "";
  for (const piece of pieces) {
    if (piece.type === "text") {
      text += piece.text;
      continue;
    }
    const call = (calls[piece.index] ??= { name: piece.name, arguments: "" });
    call.arguments += piece.arguments;
  }
  return { text, calls };
}

const read = (syntax: ToolSyntax, text: string) => join(readPieces(syntax, [text]));
const sing = { name: "sing", arguments: '{"loud": true}' };
const weather = { name: "get_weather", arguments: '{"town":"K\u00f6ln \\"}\\" \ud83d\udc1d"}' };
const calls = {
  hermes: (one: typeof sing) =>
    `<tool_call>\n{"name": "${one.name}", "arguments": ${one.arguments}}\n</tool_call>`,
  llama: (one: typeof sing) => `{"name": "${one.name}", "parameters": ${one.arguments}}`,
  mistral: (one: typeof sing) =>
    `{"name": "${one.name}", "arguments": ${one.arguments}, "id": "abcdefghi"}`,
  args: (one: typeof sing) => `[TOOL_CALLS]${one.name}[ARGS]${one.arguments}`,
};

describe("calls in an answer", () => {
  it("are read as Hermes and Qwen write them, with text before and after", () => {
    const text = `I look. ${calls.hermes(weather)}\n${calls.hermes(sing)}\n Done.`;
    assert.deepEqual(read("hermes", text), { text: "I look. Done.", calls: [weather, sing] });
    assert.deepEqual(read("generic", text), read("hermes", text));
  });

  it("are read as Llama writes them, with its mark and without", () => {
    const text = calls.llama(weather);
    for (const before of ["", "\n\n", "<|python_tag|>", "<|python_tag|> "]) {
      assert.deepEqual(read("llama", before + text), { text: "", calls: [weather] });
    }
    const two = `${text}; ${calls.llama(sing)}`;
    assert.deepEqual(read("llama", two), { text: "", calls: [weather, sing] });
  });

  it("are read as Mistral writes them, old and new", () => {
    const list = `[TOOL_CALLS] [${calls.mistral(weather)}, ${calls.mistral(sing)}]`;
    assert.deepEqual(read("mistral", list), { text: "", calls: [weather, sing] });
    const named = `Wait.${calls.args(weather)}${calls.args(sing)}`;
    assert.deepEqual(read("mistral-args", named), { text: "Wait.", calls: [weather, sing] });
    const withId = '[TOOL_CALLS]sing[CALL_ID]abcdefghi[ARGS]{"loud": true}';
    assert.deepEqual(read("mistral-args", withId), { text: "", calls: [sing] });
  });

  it("may have their parts in any order, no arguments, or arguments that are a text of JSON", () => {
    const frame = (inner: string) => read("hermes", `<tool_call>${inner}</tool_call>`).calls;
    assert.deepEqual(frame('{"arguments": {"loud": true}, "id": [1], "name": "sing"}'), [sing]);
    assert.deepEqual(frame('{"name": "sing"}'), [{ name: "sing", arguments: "{}" }]);
    assert.deepEqual(frame('{"name":"sing","arguments":null}'), [
      { name: "sing", arguments: "{}" },
    ]);
    assert.deepEqual(frame('{"name":"sing","arguments":"{\\"loud\\": true}"}'), [sing]);
  });

  it("are text when they only look like calls", () => {
    const others = [
      "a < b and <tool> and <tool_cal",
      "<tool_call>nothing</tool_call>",
      '<tool_call>{"name": "dance", "arguments": {}}</tool_call>',
      '<tool_call>{"name": "sing", "arguments": 3}</tool_call>',
      "<tool_call>{}</tool_call>",
      '<tool_call>{"name"',
    ];
    for (const text of others) assert.deepEqual(read("hermes", text), { text, calls: [] });
    const plain = ['{"name": "Maya", "age": 3}', '{"a": 1}', "Hello {", "<|python", "  \n", "7"];
    for (const text of plain) assert.deepEqual(read("llama", text), { text, calls: [] });
    const marks = ["[TOOL_CALLS] none", "[TOOL_CALL", '[TOOL_CALLS][{"name":"dance"}]', "[1, 2]"];
    for (const text of marks) assert.deepEqual(read("mistral", text), { text, calls: [] });
    const named = ["[TOOL_CALLS]dance[ARGS]{}", "[TOOL_CALLS]sing[ARGS]3", "[TOOL_CALLS]sing"];
    for (const text of named) assert.deepEqual(read("mistral-args", text), { text, calls: [] });
  });

  it("keep what came when the answer ends in the middle of them", () => {
    const text = calls.hermes(sing);
    for (let length = 0; length <= text.length; length += 1) {
      const cut = read("hermes", text.slice(0, length));
      assert.ok(sing.arguments.startsWith(cut.calls[0]?.arguments ?? ""));
      assert.equal(cut.text === "" || cut.calls.length === 0, true);
    }
    assert.deepEqual(join(readPieces("hermes", [text.slice(0, 20)], true)), {
      text: "",
      calls: [],
    });
  });

  it("end where their JSON is broken, and the rest is text", () => {
    const text = '<tool_call>{"name": "sing", "arguments": {"loud": ]} no';
    assert.deepEqual(read("hermes", text), {
      text: "]} no",
      calls: [{ name: "sing", arguments: '{"loud": ' }],
    });
  });

  it("are told with their name once, then piece by piece", () => {
    const pieces = readPieces("hermes", [...calls.hermes(sing)]);
    const named = pieces.filter((piece) => piece.type === "call" && piece.name !== undefined);
    assert.equal(named.length, 1);
    assert.equal(pieces.length, sing.arguments.length);
  });
});

describe("however an answer is cut", () => {
  const fragments = [
    ...'{}[]",:\\<> \n;aé🐝',
    "<tool_call>",
    "</tool_call>",
    "<tool_",
    "[TOOL_CALLS]",
    "[ARGS]",
    "<|python_tag|>",
    '{"name": "sing", ',
    '"arguments": {"loud": true}}',
    '"parameters": {"loud": [1, {}]}}',
    calls.hermes(weather),
    calls.llama(weather),
    `[${calls.mistral(sing)}]`,
    calls.args(sing),
  ];
  const syntaxes: readonly ToolSyntax[] = ["hermes", "llama", "mistral", "mistral-args", "generic"];

  it("gives the same text and the same calls", () => {
    const answers = fc.array(fc.constantFrom(...fragments), { maxLength: 12 });
    const cuts = fc.array(fc.nat(400), { maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom(...syntaxes), answers, cuts, (syntax, parts, places) => {
        const characters = [...parts.join("")];
        const borders = [0, ...places.toSorted((left, right) => left - right), Infinity];
        const texts = borders
          .slice(1)
          .map((end, index) => characters.slice(borders[index], end).join(""));
        const whole = readPieces(syntax, [characters.join("")]);
        assert.deepEqual(join(readPieces(syntax, texts)), join(whole));
        assert.deepEqual(join(readPieces(syntax, characters)), join(whole));
      }),
      { numRuns: 2000 },
    );
  });

  it("loses nothing of an answer without calls", () => {
    fc.assert(
      fc.property(fc.constantFrom(...syntaxes), fc.string(), (syntax, text) => {
        assert.equal(read(syntax, text).text, text);
      }),
    );
  });
});
