// OpenAI's own client against a running queen with a real worker: functions that the model calls.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import OpenAI from "openai";
import type {
  ChatCompletionMessageFunctionToolCall,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources/chat";
import { openOpenAiBox } from "./openai-fixture.ts";
import type { OpenAiBox } from "./openai-fixture.ts";

const weather: ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: {
      type: "object",
      properties: { city: { type: "string", maxLength: 10 }, days: { enum: [1, 7] } },
      required: ["city", "days"],
      additionalProperties: false,
    },
    strict: true,
  },
};
const time: ChatCompletionTool = {
  type: "function",
  function: { name: "get_time", parameters: { type: "object", properties: {} } },
};
const messages: ChatCompletionMessageParam[] = [{ role: "user", content: "How is it in Paris?" }];
const quick = {
  model: "hello-bee",
  messages,
  max_tokens: 300,
  temperature: 0,
  tools: [weather, time],
  parallel_tool_calls: false,
};

function requireWeather(call: { name?: string; arguments?: string } | undefined): void {
  assert.equal(call?.name, "get_weather");
  const { city, days, ...more } = JSON.parse(call?.arguments ?? "") as Record<string, unknown>;
  assert.ok(typeof city === "string" && city.length <= 10);
  assert.ok(days === 1 || days === 7);
  assert.deepEqual(more, {});
}

describe("functions that OpenAI's client offers", () => {
  let opened: OpenAiBox;
  before(async () => {
    opened = await openOpenAiBox();
  });
  after(() => opened.box.close());

  it("are called with arguments that keep to their schema, and answered in the next turn", async () => {
    const { completions } = opened.client.chat;
    const choice = { type: "function", function: { name: "get_weather" } } as const;
    const answer = await completions.create({ ...quick, tool_choice: choice });
    const [first] = answer.choices;
    assert.equal(first?.finish_reason, "tool_calls");
    assert.equal(first?.message.content, null);
    const calls = first?.message.tool_calls as ChatCompletionMessageFunctionToolCall[];
    assert.equal(calls.length, 1);
    assert.match(calls[0]?.id ?? "", /^call_/);
    requireWeather(calls[0]?.function);
    const next = await completions.create({
      ...quick,
      max_tokens: 10,
      tool_choice: "none",
      messages: [
        ...messages,
        { role: "assistant", content: null, tool_calls: calls },
        { role: "tool", tool_call_id: calls[0]?.id ?? "", content: "Sunny" },
      ],
    });
    assert.ok((next.choices[0]?.message.content ?? "").length > 0);
    assert.equal(next.choices[0]?.message.tool_calls, undefined);
  });

  it("stream their arguments, piece by piece", async () => {
    const { completions } = opened.client.chat;
    const choice = { type: "function", function: { name: "get_weather" } } as const;
    const stream = await completions.create({ ...quick, tool_choice: choice, stream: true });
    const call = { id: "", name: "", arguments: "" };
    let pieces = 0;
    let reason: string | null = null;
    for await (const { choices } of stream) {
      reason = choices[0]?.finish_reason ?? reason;
      for (const delta of choices[0]?.delta.tool_calls ?? []) {
        assert.equal(delta.index, 0);
        pieces += 1;
        call.id += delta.id ?? "";
        call.name += delta.function?.name ?? "";
        call.arguments += delta.function?.arguments ?? "";
      }
    }
    assert.ok(pieces > 3);
    assert.match(call.id, /^call_/);
    requireWeather(call);
    assert.equal(reason, "tool_calls");
    // The client's own way to put a stream together again.
    const whole = opened.client.chat.completions.stream({ ...quick, tool_choice: choice });
    const { message } = (await whole.finalChatCompletion()).choices[0] ?? {};
    const [assembled] = message?.tool_calls ?? [];
    assert.ok(assembled?.type === "function");
    assert.deepEqual(JSON.parse(assembled.function.arguments), JSON.parse(call.arguments));
  });

  it("are called when some must be, and refused by name when they make no sense", async () => {
    const { completions } = opened.client.chat;
    const some = await completions.create({ ...quick, tool_choice: "required" });
    assert.ok((some.choices[0]?.message.tool_calls ?? []).length > 0);
    const refused = async (param: string, body: object) => {
      await assert.rejects(completions.create({ ...quick, ...body }), (error) => {
        assert.ok(error instanceof OpenAI.BadRequestError);
        assert.equal(error.param, param, error.message);
        return true;
      });
    };
    await refused("tools.0.type", { tools: [{ type: "custom", custom: { name: "shell" } }] });
    await refused("tool_choice", { tools: [], tool_choice: "required" });
    await refused("functions", { functions: [{ name: "old" }] });
  });
});
