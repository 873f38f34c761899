import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "@rbee/testkit";
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import type { Responses } from "openai/resources";
import { z } from "zod";
import { openQueen, tokensOf } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

type Event = Responses.ResponseStreamEvent;

const model = "hello-bee";
const input = "Once upon a time";
const weather = {
  type: "function",
  name: "get_weather",
  description: "The weather at a place",
  strict: true,
  parameters: {
    type: "object",
    properties: { place: { type: "string", enum: ["Paris", "Rome"] } },
    required: ["place"],
    additionalProperties: false,
  },
} as const satisfies Responses.FunctionTool;

function urlOf({ box }: QueenInBox): string {
  return `http://127.0.0.1:${box.queenPort}/v1`;
}

function clientOf(queen: QueenInBox): OpenAI {
  return new OpenAI({ baseURL: urlOf(queen), apiKey: "none", maxRetries: 0 });
}

async function eventsOf(stream: AsyncIterable<Event>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** Types in their order, each run of one type once. */
function storyOf(events: readonly Event[]): string[] {
  const types = events.map(({ type }) => type.replace("response.", ""));
  return types.filter((type, index) => type !== types[index - 1]);
}

const failureOf = async (work: PromiseLike<unknown>) => {
  const error: unknown = await Promise.resolve(work).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof OpenAI.APIError, `no API error: ${String(error)}`);
  return error;
};

describe("the Responses API, asked by OpenAI's client", () => {
  let queen: QueenInBox;
  let client: OpenAI;
  before(async () => {
    queen = await openQueen();
    client = clientOf(queen);
  });
  after(() => queen[Symbol.asyncDispose]());

  it("creates a response whole, with what was asked, how it ended and what it cost", async () => {
    const { data, response } = await client.responses
      .create({
        model,
        input,
        instructions: "You tell stories.",
        max_output_tokens: 12,
        temperature: 0,
        metadata: { chapter: "one" },
        user: "bee",
      })
      .withResponse();
    assert.match(data.id, /^resp_[0-9a-f]{32}$/);
    assert.equal(data.object, "response");
    assert.equal(data.status, "incomplete");
    assert.deepEqual(data.incomplete_details, { reason: "max_output_tokens" });
    assert.ok(data.output_text.length > 0);
    assert.equal(data.usage?.output_tokens, 12);
    assert.equal(data.usage.total_tokens, data.usage.input_tokens + 12);
    assert.deepEqual(data.metadata, { chapter: "one" });
    const { store, ...echo } = data as typeof data & { store?: boolean };
    assert.deepEqual(
      [echo.instructions, echo.user, echo.temperature, store, echo.error],
      ["You tell stories.", "bee", 0, false, null],
    );
    assert.equal(response.headers.get("x-rbee-node"), "localhost");
    assert.equal(response.headers.get("x-rbee-task-id"), data.id);
    const { tasks } = await queen.queen.call("listTasks");
    assert.deepEqual([tasks[0]?.task_id, tasks[0]?.phase, tasks[0]?.tokens], [data.id, "done", 12]);
  });

  it("streams every event in its order, and the client puts the response together", async () => {
    const stream = client.responses.stream({ model, input, max_output_tokens: 6 });
    const events = await eventsOf(stream);
    assert.deepEqual(storyOf(events), [
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "incomplete",
    ]);
    assert.deepEqual(
      events.map((event) => ("sequence_number" in event ? event.sequence_number : -1)),
      events.map((_event, index) => index),
    );
    const deltas = events.filter((event) => event.type === "response.output_text.delta");
    assert.equal(deltas.length, 6);
    const final = await stream.finalResponse();
    assert.equal(final.output_text, deltas.map(({ delta }) => delta).join(""));
    assert.equal(final.status, "incomplete");
    assert.equal(final.usage?.output_tokens, 6);
  });

  it("names each event in a line of its own, and ends without [DONE]", async () => {
    const body = JSON.stringify({ model, input, max_output_tokens: 3, stream: true });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${urlOf(queen)}/responses`, { method: "POST", headers, body });
    assert.equal(answer.headers.get("x-rbee-node"), "localhost");
    const frames = (await answer.text()).split("\n\n").filter((frame) => /^event/m.test(frame));
    assert.ok(frames.length > 6);
    for (const frame of frames) {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? [];
      assert.equal((JSON.parse(data ?? "{}") as { type?: string }).type, name);
    }
    assert.match(frames.at(-1) ?? "", /^event: response\.incomplete\n/);
  });

  it("completes when the model comes to its end, without a limit of ours", async () => {
    const text = { format: { type: "json_object" } } as const;
    const response = await client.responses.create({
      model,
      input: "Say something as JSON",
      text: { format: { type: "json_schema", name: "short", schema: { const: "bee" } } },
    });
    assert.equal(response.status, "completed");
    assert.equal(response.output_text, '"bee"');
    assert.ok((response.completed_at ?? 0) >= response.created_at);
    assert.equal(response.incomplete_details, null);
    const object = await client.responses.create({ model, input, text, max_output_tokens: 400 });
    if (object.status === "completed")
      assert.equal(typeof JSON.parse(object.output_text), "object");
    assert.ok(object.output_text.trimStart().startsWith("{"));
  });

  it("says the same as a task with those messages", async () => {
    const response = await client.responses.create({
      model,
      instructions: "Be brief.",
      input: [
        { role: "user", content: "Who are you?" },
        { type: "message", role: "assistant", content: "A bee." },
        { role: "user", content: [{ type: "input_text", text: "What do you like?" }] },
      ],
      temperature: 0,
      max_output_tokens: 10,
    });
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Who are you?" },
      { role: "assistant", content: "A bee." },
      { role: "user", content: "What do you like?" },
    ] as const;
    const { events, ended } = queen.ask({
      model,
      prompt: undefined,
      messages: [...messages],
      temperature: 0,
      max_tokens: 10,
    });
    await ended;
    assert.equal(response.output_text, tokensOf(events).join(""));
  });

  it("parses what a schema asked for", async () => {
    const Colour = z.object({ colour: z.enum(["red", "green"]), bright: z.boolean() });
    const response = await client.responses.parse({
      model,
      input: "Choose a colour",
      text: { format: zodTextFormat(Colour, "colour") },
    });
    assert.equal(response.status, "completed");
    assert.ok(Colour.safeParse(response.output_parsed).success);
  });

  it("streams a function call with its arguments, and takes what it returned", async () => {
    const question = { role: "user", content: "How is the weather in Rome?" } as const;
    const tools = [weather];
    const stream = client.responses.stream({
      model,
      tools,
      input: [question],
      tool_choice: { type: "function", name: "get_weather" },
    });
    const events = await eventsOf(stream);
    assert.deepEqual(storyOf(events), [
      "created",
      "in_progress",
      "output_item.added",
      "function_call_arguments.delta",
      "function_call_arguments.done",
      "output_item.done",
      "completed",
    ]);
    const { output } = await stream.finalResponse();
    const [call] = output;
    assert.ok(call?.type === "function_call");
    assert.equal(call.name, "get_weather");
    assert.match(call.call_id, /./);
    const given = call.parsed_arguments as unknown as { place: string };
    assert.ok(["Paris", "Rome"].includes(given.place));
    const deltas = events.flatMap((event) =>
      event.type === "response.function_call_arguments.delta" ? [event.delta] : [],
    );
    assert.equal(deltas.join(""), call.arguments);
    const { parsed_arguments: _parsed, ...plainCall } = call;
    const answer = await client.responses.create({
      model,
      tools,
      max_output_tokens: 8,
      tool_choice: "none",
      input: [
        question,
        // As the client's streams and its plain answers have it.
        call,
        { type: "function_call_output", call_id: call.call_id, output: "Sunny" },
        { ...plainCall, id: "fc_again", call_id: "call_again" },
        { type: "function_call_output", call_id: "call_again", output: "Sunny" },
      ],
    });
    assert.equal(answer.output[0]?.type, "message");
  });

  it("tells how likely each token was", async () => {
    const response = await client.responses.create({
      model,
      input,
      max_output_tokens: 4,
      top_logprobs: 2,
      include: ["message.output_text.logprobs"],
    });
    const [message] = response.output;
    assert.ok(message?.type === "message");
    const [part] = message.content;
    assert.ok(part?.type === "output_text");
    assert.equal(part.logprobs?.length, 4);
    assert.equal(part.logprobs.map(({ token }) => token).join(""), part.text);
    for (const { token, bytes, logprob, top_logprobs: top } of part.logprobs) {
      assert.ok(logprob <= 0);
      assert.equal(Buffer.from(bytes).toString(), token);
      // Fewer where the sampling left fewer to choose from.
      assert.ok(top.length >= 1 && top.length <= 2);
    }
  });

  it("cancels down to the worker when the client leaves", async () => {
    const stream = client.responses.stream({ model, input, max_output_tokens: 400 });
    for await (const event of stream) if (event.type === "response.output_text.delta") break;
    await eventually(async () => {
      const { tasks } = await queen.queen.call("listTasks");
      return tasks[0]?.phase === "cancelled";
    });
    const { workers } = await queen.queen.call("listWorkers");
    await eventually(() => workers.every((worker) => worker.slots_available > 0));
  });

  it("refuses by name what rbee cannot honour, with all errors at once", async () => {
    const refused = {
      previous_response_id: "resp_1",
      background: true,
      store: true,
      conversation: "conv_1",
      truncation: "auto",
      reasoning: { effort: "high" },
      tools: [{ type: "web_search" }],
      speed: 3,
    };
    const error = await failureOf(client.responses.create({ model, input, ...refused } as never));
    assert.equal(error.status, 400);
    assert.equal(error.code, "INVALID_REQUEST");
    assert.equal(error.type, "invalid_request_error");
    const { details } = error.error as {
      details: { errors: { field: string; message: string }[] };
    };
    const messages = new Map(details.errors.map(({ field, message }) => [field, message]));
    const names = Object.keys(refused).map((name) => (name === "tools" ? "tools.0.type" : name));
    assert.deepEqual(
      [...names].filter((name) => !messages.has(name)),
      [],
    );
    assert.match(messages.get("tools.0.type") ?? "", /'web_search' is no function/);
    assert.match(messages.get("previous_response_id") ?? "", /keeps no conversations/);
  });

  it("refuses images, files and items of other kinds by what they are", async () => {
    const image = [{ type: "input_image", detail: "auto", image_url: "data:," }] as const;
    const withImage = client.responses.create({
      model,
      input: [{ role: "user", content: [...image] }],
    });
    assert.equal((await failureOf(withImage)).code, "CAPABILITY_MISSING");
    const items = [
      { role: "user", content: [{ type: "input_file", file_id: "f" }] },
      { type: "item_reference", id: "msg_1" },
    ];
    const error = await failureOf(client.responses.create({ model, input: items } as never));
    assert.match(error.message, /input\.0\.content\.0\.type 'input_file' is not supported/);
    assert.match(error.message, /input\.1\.type 'item_reference' is not supported/);
    const odd = { model, input: [{ type: "odd" }], tool_choice: { type: "odd" } };
    const oddities = await failureOf(client.responses.create(odd as never));
    assert.match(oddities.message, /input\.0\.type must be a message, a function_call or a/);
    assert.match(oddities.message, /tool_choice must be auto, none, required/);
  });

  it("names its own field for what only the worker can refuse", async () => {
    const format = { type: "json_schema", name: "odd", schema: { type: "nonsense" } } as const;
    const error = await failureOf(client.responses.create({ model, input, text: { format } }));
    assert.equal(error.code, "INVALID_REQUEST");
    assert.match(error.param ?? "", /^text\.format/);
  });

  it("knows no model of that name, and no earlier response", async () => {
    const unknown = await failureOf(client.responses.create({ model: "gpt-9", input }));
    assert.ok(unknown instanceof OpenAI.NotFoundError);
    assert.equal(unknown.code, "MODEL_NOT_FOUND");
    for (const ask of [
      () => client.responses.retrieve("resp_1"),
      () => client.responses.delete("resp_1"),
      () => client.responses.cancel("resp_1"),
    ]) {
      const error = await failureOf(ask());
      assert.ok(error instanceof OpenAI.NotFoundError);
      assert.equal(error.code, "RESPONSE_NOT_FOUND");
    }
  });

  it("refuses a prompt that does not fit", async () => {
    const long = "bee ".repeat(30_000);
    const error = await failureOf(client.responses.create({ model, input: long }));
    assert.equal(error.code, "CONTEXT_EXCEEDED");
    const stream = client.responses.stream({ model, input: long });
    assert.equal((await failureOf(stream.finalResponse())).code, "CONTEXT_EXCEEDED");
  });
});

describe("the Responses API, when something breaks", () => {
  it("ends the stream with the error and what there was when a worker dies", async () => {
    await using queen = await openQueen({ script: ["--die-at-token", "5"] });
    const client = clientOf(queen);
    const body = { model, input, max_output_tokens: 20 } as const;
    const error = await failureOf(client.responses.stream(body).finalResponse());
    assert.equal(error.code, "SSE_CLOSED");
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${urlOf(queen)}/responses`, {
      method: "POST",
      headers,
      body: JSON.stringify({ ...body, stream: true }),
    });
    const events = (await answer.text())
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => JSON.parse(line.slice("data:".length)) as Event);
    assert.deepEqual(storyOf(events).slice(-5), [
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "error",
      "failed",
    ]);
    const last = events.at(-1);
    assert.ok(last?.type === "response.failed");
    assert.equal(last.response.status, "failed");
    assert.equal(last.response.error?.code, "server_error");
    const [message] = last.response.output;
    assert.ok(message?.type === "message" && message.status === "incomplete");
    const whole = await failureOf(client.responses.create(body));
    assert.equal(whole.status, 502);
    assert.equal(whole.code, "SSE_CLOSED");
  });

  it("keeps a client informed while a model loads, in comments when it wants to know", async () => {
    await using queen = await openQueen({ script: ["--layer-ms", "40"] });
    const body = { model, input, max_output_tokens: 10 } as const;
    const answer = await fetch(`${urlOf(queen)}/responses`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...body, stream: true, rbee: { narration: true } }),
    });
    const text = await answer.text();
    const story = text
      .split("\n")
      .filter((line) => line.startsWith(": {"))
      .map((line) => JSON.parse(line.slice(2)) as { type: string; stage?: string });
    assert.ok(story.some(({ stage }) => stage === "loading_to_vram"));
    assert.ok(
      story.some(({ type }) => type === "placed"),
      "the worker, once it is known",
    );
    assert.match(text, /event: response\.incomplete\n/);
    // Comments are nothing to OpenAI's client.
    const stream = clientOf(queen).responses.stream(body);
    assert.ok((await stream.finalResponse()).output_text.length > 0);
  });
});
