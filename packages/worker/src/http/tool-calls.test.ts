import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { InferenceResult } from "@rbee/contract";
import type { TaskEvent } from "@rbee/contract";
import { z } from "zod";
import { collectEvents, errorOf, startTestWorker } from "../../test/worker-fixture.ts";
import type { TestWorker } from "../../test/worker-fixture.ts";

const Weather = z.strictObject({
  town: z.enum(["Hive", "Meadow"]),
  days: z.int().min(1).max(7),
  metric: z.boolean().optional(),
});
const weather = {
  name: "get_weather",
  parameters: {
    type: "object",
    properties: {
      town: { enum: ["Hive", "Meadow"] },
      days: { type: "integer", minimum: 1, maximum: 7 },
      metric: { type: "boolean" },
    },
    required: ["town", "days"],
  },
};
const ping = { name: "ping" };
const messages = [{ role: "user", content: "Weather in Hive?" }];
const asked = { messages, tools: [weather, ping], temperature: 0.8, max_tokens: 300 };
/** With a bias for `<` an answer that could end after a call makes another one. */
const another = async (worker: TestWorker) => {
  const [token] = (await worker.engine()).tokenize("<");
  return { [String(token)]: 60 };
};

type Calls = NonNullable<InferenceResult["tool_calls"]>;

function joinCalls(events: readonly TaskEvent[]): Calls {
  const calls: Calls = [];
  for (const event of events) {
    if (event.type !== "tool-call") continue;
    const { index, id, name, arguments: text } = event;
    if (id !== undefined && name !== undefined) {
      assert.equal(index, calls.length, "calls are counted without gaps");
      calls.push({ id, type: "function", function: { name, arguments: "" } });
    }
    const call = calls[index];
    assert.ok(call !== undefined, "the first piece of a call has its id and name");
    call.function.arguments += text;
  }
  return calls;
}

function checkCalls(calls: Calls | undefined): asserts calls is Calls {
  assert.ok(calls !== undefined && calls.length > 0);
  assert.equal(new Set(calls.map(({ id }) => id)).size, calls.length);
  for (const { function: called } of calls) {
    const value: unknown = JSON.parse(called.arguments);
    if (called.name === "get_weather") Weather.parse(value);
    else assert.deepEqual([called.name, value], ["ping", {}]);
  }
}

function nest(depth: number): object {
  let schema: object = { type: "string" };
  for (let level = 0; level < depth; level += 1) schema = { type: "array", items: schema };
  return schema;
}

describe("functions that a model may call", () => {
  let worker: TestWorker;
  const ask = async (body: object) => {
    const response = await worker.ask("infer", { body: { ...asked, stream: false, ...body } });
    return InferenceResult.parse(await response.json());
  };
  before(async () => {
    worker = await startTestWorker({ slots: 2 });
  });
  after(async () => await worker[Symbol.asyncDispose]());

  it("are called where that is required, with arguments that satisfy their schema", async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const result = await ask({ tool_choice: "required", seed });
      checkCalls(result.tool_calls);
      assert.equal(result.text, "");
      assert.equal(result.stop_reason, "EOS");
    }
  });

  it("come in pieces that joined are the whole, and tokens are counted as ever", async () => {
    const body = { ...asked, tool_choice: { name: "get_weather" }, seed: 7 };
    const events = await collectEvents(await worker.ask("infer", { body }));
    const calls = joinCalls(events);
    checkCalls(calls);
    const pieces = events.filter((event) => event.type === "tool-call");
    assert.ok(pieces.length > calls.length * 5, "the arguments come piece by piece");
    const whole = await ask({ tool_choice: { name: "get_weather" }, seed: 7 });
    assert.deepEqual(
      whole.tool_calls?.map((call) => call.function),
      calls.map((call) => call.function),
    );
    const tokens = events.filter((event) => event.type === "token");
    assert.ok(tokens.every(({ token }) => token === ""));
    assert.deepEqual(
      tokens.map(({ index }) => index),
      tokens.map((_token, index) => index),
    );
    const done = events.at(-1);
    assert.ok(done?.type === "done" && done.total_tokens === tokens.length);
    assert.equal(whole.total_tokens, tokens.length);
  });

  it("are called several times in one answer, unless that is forbidden", async () => {
    const body = { tools: [ping], tool_choice: "required", logit_bias: await another(worker) };
    const many = await ask({ ...body, max_tokens: 400 });
    // It goes on until its tokens are used up, perhaps in the middle of a call.
    checkCalls(many.tool_calls?.slice(0, -1));
    assert.ok((many.tool_calls?.length ?? 0) > 2);
    const one = await ask({ ...body, parallel_tool_calls: false });
    checkCalls(one.tool_calls);
    assert.equal(one.tool_calls.length, 1);
  });

  it("are not called where none may be, and the answer is the one without them", async () => {
    const body = { tool_choice: "none", temperature: 0 };
    const none = await ask(body);
    const { tools: _tools, ...without } = asked;
    const response = await worker.ask("infer", {
      body: { ...without, temperature: 0, stream: false },
    });
    assert.equal(none.text, InferenceResult.parse(await response.json()).text);
    assert.equal(none.tool_calls, undefined);
  });

  it("may be left alone: an answer that calls nothing is text, whole", async () => {
    const body = { ...asked, temperature: 0, max_tokens: 60 };
    const events = await collectEvents(await worker.ask("infer", { body }));
    const tokens = events.filter((event) => event.type === "token");
    const text = tokens.map(({ token }) => token).join("");
    assert.notEqual(text, "");
    assert.ok(!text.includes("<tool_call>"));
    const whole = await ask({ temperature: 0, max_tokens: 60 });
    assert.equal(whole.text, text);
    assert.equal(whole.total_tokens, tokens.length);
  });

  it("are called of the model's own accord, too: what it says besides is text", async () => {
    const engine = await worker.engine();
    const generate = engine.generate.bind(engine);
    const call = '<tool_call>{"name": "ping", "arguments": {}}</tool_call>';
    const grammar = `root ::= ${JSON.stringify(`I ask <b>. 🐝 ${call}\n${call} <tool_call`)}`;
    engine.generate = (request) => {
      assert.ok(request.grammar?.includes("get_weather") === true);
      return generate({ ...request, grammar });
    };
    try {
      const events = await collectEvents(await worker.ask("infer", { body: asked }));
      const calls = joinCalls(events);
      checkCalls(calls);
      assert.equal(calls.length, 2);
      const tokens = events.filter((event) => event.type === "token");
      const text = tokens.map(({ token }) => token).join("");
      assert.equal(text, "I ask <b>. 🐝 <tool_call");
      const firstCall = events.findIndex((event) => event.type === "tool-call");
      const said = events.slice(0, firstCall).filter((event) => event.type === "token");
      assert.equal(said.map(({ token }) => token).join(""), "I ask <b>. 🐝 ");
      const whole = await ask({});
      assert.deepEqual([whole.text, whole.tool_calls?.length], [text, 2]);
    } finally {
      engine.generate = generate;
    }
  });

  it("that are cut off keep what came, with the reason", async () => {
    for (const max of [1, 10, 45, 60]) {
      const result = await ask({ tool_choice: { name: "get_weather" }, max_tokens: max, seed: 3 });
      assert.equal(result.stop_reason, "MAX_TOKENS");
      assert.equal(result.total_tokens, max);
      assert.equal(result.text, "");
      const [call] = result.tool_calls ?? [];
      if (max < 20) assert.equal(call, undefined);
      else assert.match(call?.function.arguments ?? "", /^\{/);
    }
    assert.equal(await worker.countBusySlots(), 0);
  });

  it("have their calls and results in the chat", async () => {
    const call = { id: "call_1", type: "function", function: { name: "ping", arguments: "{}" } };
    const chat = [
      ...messages,
      { role: "assistant", content: "", tool_calls: [call] },
      { role: "tool", content: "pong", tool_call_id: "call_1" },
    ];
    const short = await ask({ max_tokens: 1 });
    const long = await ask({ messages: chat, max_tokens: 1 });
    assert.ok(long.prompt_tokens > short.prompt_tokens + 10);
  });

  it("go with probabilities, each with the text that it stands for", async () => {
    const result = await ask({ tool_choice: { name: "ping" }, logprobs: 2, temperature: 0 });
    assert.equal(result.logprobs?.length, result.total_tokens);
    const text = result.logprobs?.map(({ token }) => token).join("") ?? "";
    assert.match(text, /^<tool_call>[^]*"ping"[^]*<\/tool_call>/);
  });

  it("are refused by field where they make no sense", async () => {
    const wrong = [
      [{ grammar: 'root ::= "a"' }, "grammar"],
      [{ json_schema: { type: "object" } }, "json_schema"],
      [{ tool_choice: { name: "dance" } }, "tool_choice.name"],
      [{ tools: [ping, ping] }, "tools.1.name"],
      [{ tools: undefined, tool_choice: "required" }, "tool_choice"],
      [{ messages: undefined, prompt: "a" }, "tools"],
      [
        { messages: [{ role: "user", content: "a", tool_call_id: "b" }] },
        "messages.0.tool_call_id",
      ],
      [{ tools: [{ name: "a b" }] }, "tools.0.name"],
      [{ tools: [{ name: "a", parameters: nest(100) }] }, "tools.0.parameters"],
    ] as const;
    for (const [change, field] of wrong) {
      const response = await worker.ask("infer", { body: { ...asked, ...change } });
      const { details } = await errorOf(response, "INVALID_REQUEST");
      const fields = (details["errors"] as { field: string }[]).map((error) => error.field);
      assert.ok(fields.includes(field), `${field} is not in ${fields.join()}`);
    }
    const allowed = { grammar: 'root ::= "a"', tool_choice: "none" };
    assert.equal((await ask(allowed)).text, "a");
  });

  it("may have a schema that a grammar cannot say: it is held to what it can", async () => {
    const code = { type: "string", pattern: "^[a-z]+$", maxLength: 2 };
    const tools = [
      { name: "send", parameters: { type: "object", properties: { code }, required: ["code"] } },
    ];
    const result = await ask({ tools, tool_choice: "required", seed: 1 });
    const sent = JSON.parse(result.tool_calls?.[0]?.function.arguments ?? "") as { code: string };
    assert.ok([...sent.code].length <= 2);
  });
});
