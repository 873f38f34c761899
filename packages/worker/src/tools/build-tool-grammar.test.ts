import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { getLlama } from "node-llama-cpp";
import type { Llama } from "node-llama-cpp";
import type { Tool } from "../engine.ts";
import { buildToolGrammar } from "./build-tool-grammar.ts";
import type { ToolPlan } from "./tool-plan.ts";

let llama: Llama;
before(async () => {
  llama = await getLlama({ gpu: false, build: "never", progressLogs: false });
});
after(async () => await llama.dispose());

const tools: readonly Tool[] = [
  {
    name: "sing",
    parameters: {
      type: "object",
      properties: { loud: { type: "boolean" }, song: { type: "string", pattern: "^a" } },
      required: ["loud"],
    },
  },
  { name: "ping" },
];
const auto: ToolPlan = {
  syntax: "hermes",
  tools,
  mustCall: false,
  onlyName: undefined,
  isParallel: true,
};

async function judge(
  changes: Partial<ToolPlan>,
  { allowed, others }: { readonly allowed: readonly string[]; readonly others: readonly string[] },
): Promise<void> {
  const grammar = await llama.createGrammar({ grammar: buildToolGrammar({ ...auto, ...changes }) });
  // The library's own test of a grammar; it is not in its types.
  const { _testText: test } = grammar as unknown as { _testText: (text: string) => boolean };
  for (const text of allowed) assert.ok(test.call(grammar, text), `refused ${text}`);
  for (const text of others) assert.ok(!test.call(grammar, text), `allowed ${text}`);
}

const hermes = (inner: string) => `<tool_call>\n${inner}\n</tool_call>`;
const sing = '{"name": "sing", "arguments": {"loud": true}}';
const ping = '{"name": "ping", "arguments": {}}';

describe("the grammar of an answer that may call", () => {
  it("lets text be free until a call begins, and holds the call to its function", async () => {
    const texts = ["", "Hello <b>bees</b> <tool", "<<tool_cal", "a\nb <tool_cal<tool_ <"];
    await judge(auto, {
      allowed: [
        ...texts,
        hermes(sing),
        `Let me sing. <${hermes(sing)}\n${hermes(ping)}`,
        hermes('{"name": "sing", "arguments": {"loud": false, "song": "b"}}'),
      ],
      others: [
        "<tool_call>",
        hermes('{"name": "dance", "arguments": {}}'),
        hermes('{"name": "sing", "arguments": {}}'),
        hermes('{"name": "sing", "arguments": {"loud": 1}}'),
        hermes('{"name": "ping", "arguments": {"a": 1}}'),
        `${hermes(sing)} and`,
      ],
    });
  });

  it("must call where it must, the one function where there is one, and once where once", async () => {
    const two = `${hermes(sing)}\n${hermes(ping)}`;
    const mustCall = true;
    await judge({ mustCall }, { allowed: [hermes(sing), two], others: ["", "Hi", ` ${two}`] });
    const only = { mustCall, onlyName: "ping" };
    await judge(only, { allowed: [hermes(ping)], others: [hermes(sing), two] });
    await judge({ isParallel: false }, { allowed: ["Hi", hermes(sing)], others: [two] });
    const many = Array.from({ length: 17 }, () => hermes(ping)).join("");
    await judge({ mustCall }, { allowed: [many.slice(hermes(ping).length)], others: [many] });
  });

  it("knows an answer of Llama that is a call by how it begins", async () => {
    const call = '{"name": "sing", "parameters": {"loud": true}}';
    const free = ['{"name": "Maya"}', '{"name": "singer", "parameters": {}}', '{"a": 1}', "", "{"];
    const broken = ['{"name": "sing", "age": 3}', '{"name":"sing"', `${call} `, `${call}; ${call}`];
    await judge(
      { syntax: "llama" },
      { allowed: [...free, call, `<|python_tag|>${call}`], others: [...broken, "<|python_tag|>x"] },
    );
    await judge({ syntax: "llama", mustCall: true }, { allowed: [call], others: free });
  });

  it("knows both of Mistral's ways", async () => {
    const list = `[TOOL_CALLS][${sing}, ${ping}]`;
    await judge(
      { syntax: "mistral" },
      { allowed: [list, "[TOOL", `Hi ${list}`], others: ["[TOOL_CALLS]", `${list},`] },
    );
    const named = '[TOOL_CALLS]sing[ARGS]{"loud": true}[TOOL_CALLS]ping[ARGS]{}';
    await judge(
      { syntax: "mistral-args", mustCall: true },
      { allowed: [named], others: ["[TOOL_CALLS]dance[ARGS]{}", "[TOOL_CALLS]sing[ARGS]{}"] },
    );
  });
});
