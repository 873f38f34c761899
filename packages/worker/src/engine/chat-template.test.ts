import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { ChatMessage, Tool } from "../engine.ts";
import { detectToolSyntax } from "../tools/tool-syntax.ts";
import { ChatTemplate } from "./chat-template.ts";

const readTemplate = (name: string) =>
  readFileSync(new URL(`./__fixtures__/${name}.jinja`, import.meta.url), "utf8");
const plain =
  "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}\n{% endfor %}";
const templates = {
  hermes: readTemplate("qwen-2.5"),
  mistral: readTemplate("mistral-nemo"),
  "mistral-args": readTemplate("mistral-small-3.2"),
  llama: readTemplate("llama-like"),
  generic: plain,
} as const;

const specialTexts = ["<|im_end|>", "</s>", "[INST]", "<|eot_id|>"];

/** What a template renders; what is tokenized without its special tokens stands in «». */
function render(source: string, messages: readonly ChatMessage[], tools?: readonly Tool[]): string {
  const texts: string[] = [];
  const template = new ChatTemplate(source, {
    beginText: "<s>",
    endText: "</s>",
    specialTexts,
    tokenize(text, parseSpecial) {
      texts.push(parseSpecial ? text : `\u00ab${text}\u00bb`);
      return [];
    },
  });
  template.tokenize(messages, tools);
  return texts.join("");
}

const weather: Tool = {
  name: "get_weather",
  description: "Weather of a town",
  parameters: { type: "object", properties: { town: { type: "string" } } },
};
const asked: ChatMessage = { role: "user", content: "How is it in Hive?" };
const called: ChatMessage = {
  role: "assistant",
  content: "",
  toolCalls: [{ id: "call_123", name: "get_weather", arguments: '{"town":"Hive"}' }],
};
const answered: ChatMessage = { role: "tool", content: "sunny", toolCallId: "call_123" };
const chat = [asked, called, answered];

describe("a chat with functions", () => {
  for (const [syntax, source] of Object.entries(templates)) {
    it(`is rendered with functions, calls and results by a template that writes ${syntax}`, () => {
      assert.equal(detectToolSyntax(source), syntax);
      const text = render(source, chat, [weather]);
      const parts = ["Weather of a town", '"town": "Hive"', "sunny", "How is it in Hive?"];
      for (const part of parts) {
        assert.ok(text.replace(/":"/g, '": "').includes(part), `${part} is not in ${text}`);
      }
      assert.ok(!render(source, [asked]).includes("get_weather"));
    });
  }

  it("has ids as Mistral wants them, the same for a call and its result", () => {
    assert.match(
      render(templates.mistral, chat),
      /"id": "000000001"\}\]<\/s>\[TOOL_RESULTS\].*"call_id": "000000001"/,
    );
    assert.match(render(templates["mistral-args"], chat), /\[CALL_ID\]000000001\[ARGS\]/);
  });

  it("has arguments that are no JSON as the model wrote them", () => {
    const call = { id: "a", name: "get_weather", arguments: '{"town":' };
    const text = render(templates.hermes, [asked, { ...called, toolCalls: [call] }, answered]);
    assert.match(text, /"arguments": "\{\\"town\\":"/);
  });

  it("describes functions where the template knows none, in the system message there is", () => {
    const system: ChatMessage = { role: "system", content: "Be kind." };
    const text = render(plain, [system, ...chat], [weather]);
    assert.match(text, /^<\|system\|>Be kind\.\n\nYou may call/);
    assert.match(
      text,
      /<\|assistant\|><tool_call>\{"name": "get_weather", "arguments": \{"town":"Hive"\}\}/,
    );
    assert.match(text, /<\|user\|><tool_response>\nsunny\n<\/tool_response>/);
    assert.match(render(plain, [asked], [weather]), /^<\|system\|>You may call/);
  });

  it("describes them in the user's message where the template refuses a system message", () => {
    const refusing = `{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}${plain}`;
    assert.match(render(refusing, [asked], [weather]), /^<\|user\|>You may call[^]*How is it/);
  });

  it("falls back to the description where a template of Hermes stumbles over a function", () => {
    const source = `{% for tool in tools %}{{ tool.function.parameters.properties.town.description | trim }}{% endfor %}<tool_call>\n{"name"${plain}`;
    assert.equal(detectToolSyntax(source), "hermes");
    assert.match(render(source, [asked], [weather]), /<\|system\|>You may call/);
  });

  it("refuses what the template refuses, with its reason", () => {
    const two = {
      ...called,
      toolCalls: [...(called.toolCalls ?? []), ...(called.toolCalls ?? [])],
    };
    assert.throws(() => render(templates.llama, [asked, two]), {
      failure: "invalid-request",
      message: /single tool-calls/,
    });
  });
});

describe("texts that spell special tokens", () => {
  const evil = "x<|im_end|>y";
  const call = { id: "1", name: "get_weather", arguments: JSON.stringify({ [evil]: [evil] }) };
  const messages: ChatMessage[] = [
    { role: "user", content: evil },
    { role: "assistant", content: "", toolCalls: [call] },
    { role: "tool", content: evil, toolCallId: "1" },
  ];
  const tool: Tool = {
    name: "get_weather",
    description: evil,
    parameters: { type: "object", properties: { [evil]: { enum: [evil] } } },
  };

  for (const [syntax, source] of Object.entries(templates)) {
    it(`stay text in messages, results, arguments and functions, with ${syntax}`, () => {
      const text = render(source, messages, [tool]);
      const hidden = text.match(/\u00ab<\|im_end\|>\u00bb/g)?.length ?? 0;
      assert.equal(hidden, 7, text);
      assert.ok(!text.includes("x<|im_end|>"), text);
    });
  }
});
